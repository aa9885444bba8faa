use std::fmt;

use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyOf};

/// A key in an extension of the request, such as the subject that an outer layer has authenticated.
///
/// That is the key nobody can make up. A request without the extension has no key.
///
/// ```
/// use http::Request;
/// use tower_edge::core::Head;
/// use tower_edge::rate_limit::{ExtensionKey, Key, KeyOf};
///
/// #[derive(Clone)]
/// struct Subject(String);
///
/// let subject = ExtensionKey::new(|Subject(name): &Subject| Key::Text(name.as_bytes()));
///
/// let mut request = Request::new(());
/// assert_eq!(subject.key(Head::from(&request)), None);
///
/// request.extensions_mut().insert(Subject(String::from("alice")));
/// assert_eq!(subject.key(Head::from(&request)), Some(Key::Text(b"alice")));
/// ```
pub struct ExtensionKey<T> {
    key: fn(&T) -> Key<'_>,
}

impl<T> ExtensionKey<T> {
    /// What this function takes for the key in the extension of this type.
    #[must_use]
    pub const fn new(key: fn(&T) -> Key<'_>) -> Self {
        Self { key }
    }
}

impl<T: Send + Sync + 'static> KeyOf for ExtensionKey<T> {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        head.extensions.get().map(self.key)
    }
}

impl<T> Clone for ExtensionKey<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ExtensionKey<T> {}

impl<T> fmt::Debug for ExtensionKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionKey").finish_non_exhaustive()
    }
}
