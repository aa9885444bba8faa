use std::any;
use std::fmt;
use std::marker::PhantomData;

use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyExtractor};

/// Makes a [`KeyExtractor`] from a closure. It lets the compiler infer that the key borrows from the request.
///
/// ```
/// use tower_edge::rate_limit::key::key_fn;
/// use tower_edge::rate_limit::{Key, KeyExtractor};
///
/// let tenant = key_fn(|head| head.headers.get("x-tenant").map(Key::from));
/// # fn takes(_: impl KeyExtractor + Send + Sync + 'static) {}
/// # takes(tenant);
/// ```
///
/// A closure may capture values, but its key cannot borrow from them. Return an owned key, or implement
/// [`KeyExtractor`], whose key may borrow from the extractor.
pub fn key_fn<F>(f: F) -> impl KeyExtractor
where
    F: for<'a> Fn(Head<'a>) -> Option<Key<'a>>,
{
    f
}

/// A key in an extension of the request, such as the user that an outer layer has authenticated.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::rate_limit::key::ExtensionKey;
/// use tower_edge::rate_limit::{Key, KeyExtractor};
///
/// #[derive(Clone)]
/// struct User {
///     id: u64,
/// }
///
/// let user = ExtensionKey::new(|user: &User| Key::from(user.id));
///
/// let mut request = Request::new(());
/// assert_eq!(user.key(Head::from(&request)), None);
///
/// request.extensions_mut().insert(User { id: 7 });
/// assert_eq!(user.key(Head::from(&request)), Some(Key::from(7)));
/// ```
///
/// A client cannot choose this key. A request without the extension has no key, and is not limited. So the layer that
/// inserts the extension stands outside of the rate limit. After 16 requests without it, and none with a key, a warning
/// is logged, once in a process. [`required`](KeyExtractor::required) rejects such requests with 401.
pub struct ExtensionKey<T, F = fn(&T) -> Key<'_>> {
    key: F,
    extension: PhantomData<fn(&T)>,
}

impl<T, F: Fn(&T) -> Key<'_>> ExtensionKey<T, F> {
    /// Uses the key that this closure returns for the extension.
    #[must_use]
    pub const fn new(key: F) -> Self {
        Self {
            key,
            extension: PhantomData,
        }
    }
}

impl<T: Send + Sync + 'static, F: Fn(&T) -> Key<'_>> KeyExtractor for ExtensionKey<T, F> {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        head.extensions.get().map(&self.key)
    }

    fn missing_extension(&self, head: Head<'_>) -> Option<&'static str> {
        let extension = head.extensions.get::<T>();
        extension.is_none().then(any::type_name::<T>)
    }
}

/// Whether the extension can be copied or not.
impl<T, F: Clone> Clone for ExtensionKey<T, F> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            extension: PhantomData,
        }
    }
}

impl<T, F: Copy> Copy for ExtensionKey<T, F> {}

impl<T, F> fmt::Debug for ExtensionKey<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionKey").finish_non_exhaustive()
    }
}

/// One key for all requests: the limit is that of the whole service.
///
/// ```
/// use tower_edge::rate_limit::key::GlobalKey;
/// use tower_edge::rate_limit::{ClientAddress, Limit, Quota};
///
/// let limits = [
///     Limit::new(Quota::per_second(20).named("client"), ClientAddress::new()),
///     Limit::new(Quota::per_second(1000).named("all"), GlobalKey),
/// ];
/// ```
#[doc(alias("GlobalKeyExtractor"))]
#[derive(Clone, Copy, Debug)]
pub struct GlobalKey;

impl KeyExtractor for GlobalKey {
    /// The empty text, which no client has.
    fn key<'a>(&'a self, _: Head<'a>) -> Option<Key<'a>> {
        Some(Key::from(""))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[derive(Clone)]
    struct User(String);

    fn alice() -> Request<()> {
        let mut request = Request::new(());
        request.extensions_mut().insert(User(String::from("alice")));
        request
    }

    #[test]
    fn a_closure_infers_that_its_key_borrows() {
        let tenant = key_fn(|head| head.headers.get("x-tenant").map(Key::from));

        let request = Request::get("/").header("x-tenant", "acme");
        let request = request.body(()).unwrap();
        assert_eq!(tenant.key(Head::from(&request)), Some(Key::from("acme")));
    }

    #[test]
    fn the_key_of_an_extension_may_borrow_from_it() {
        let user = ExtensionKey::new(|User(name): &User| Key::from(name));

        assert_eq!(user.key(Head::from(&alice())), Some(Key::from("alice")));
        assert_eq!(user.key(Head::from(&Request::new(()))), None);
    }

    #[test]
    fn the_key_of_an_extension_may_be_made_with_captured_values() {
        let region = String::from("eu");
        let user =
            ExtensionKey::new(move |User(name): &User| Key::from(format!("{region}/{name}")));

        assert_eq!(user.key(Head::from(&alice())), Some(Key::from("eu/alice")));
    }

    #[test]
    fn an_extractor_may_be_of_a_function_that_is_named() {
        fn name(User(name): &User) -> Key<'_> {
            Key::from(name)
        }
        const BY_NAME: ExtensionKey<User> = ExtensionKey::new(name);

        assert_eq!(BY_NAME.key(Head::from(&alice())), Some(Key::from("alice")));
    }

    #[test]
    fn a_key_may_borrow_from_its_extractor() {
        struct Region(String);

        impl KeyExtractor for Region {
            fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
                let path = Key::from(head.uri.path());
                Some(Key::from([Key::from(&self.0), path]))
            }
        }
        let (region, request) = (Region(String::from("eu")), alice());

        let composite = Key::from([Key::from("eu"), Key::from("/")]);
        assert_eq!(region.key(Head::from(&request)), Some(composite));
    }
}
