use std::fmt;

use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyOf};

/// Takes a closure for a [`KeyOf`]: with it the compiler knows that the key borrows from the request.
///
/// ```
/// use tower_edge::rate_limit::{ApiKey, ClientAddress, KeyOf, key_fn};
///
/// let caller = ApiKey.or(ClientAddress::new());
/// let caller_of_api = key_fn(move |head| match head.uri.path() {
///     "/healthz" => None,
///     _ => caller.key(head),
/// });
/// # fn takes(_: impl KeyOf) {}
/// # takes(caller_of_api);
/// ```
pub fn key_fn<F>(f: F) -> impl KeyOf
where
    F: for<'a> Fn(Head<'a>) -> Option<Key<'a>>,
{
    f
}

/// A key in an extension of the request, such as the subject that an outer layer has authenticated.
///
/// That is the key nobody can make up. A request without the extension has no key.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
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

/// One key for all requests: what is limited is the service, not a client.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::time::Duration;
///
/// use tower_edge::rate_limit::{ApiKey, GlobalKey, Limit, Limits, Policy};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let per_second = |name, count| -> Result<Policy, Box<dyn std::error::Error>> {
///     let count = NonZeroU32::new(count).ok_or("a count of zero")?;
///     Ok(Policy::new(name, count, Duration::from_secs(1))?)
/// };
/// let limits = Limits::new([
///     Limit::new(per_second("each", 20)?, ApiKey),
///     Limit::new(per_second("all", 1000)?, GlobalKey),
/// ])?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GlobalKey;

impl KeyOf for GlobalKey {
    /// The empty text, which is nobody's key.
    fn key<'a>(&self, _: Head<'a>) -> Option<Key<'a>> {
        Some(Key::Text(b""))
    }
}
