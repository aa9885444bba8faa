use http::HeaderName;

use super::Key;
use crate::Head;

/// Finds the [`Key`] of a request.
///
/// Functions and closures from `Head<'a>` to `Option<Key<'a>>` are one; a request without a key is
/// not limited.
///
/// ```
/// use tower_edge_core::{Head, rate_limit::Key};
///
/// fn tenant<'a>(head: Head<'a>) -> Option<Key<'a>> {
///     head.headers.get("x-tenant").map(|value| Key::Text(value.as_bytes()))
/// }
/// # fn takes(_: impl tower_edge_core::rate_limit::KeyOf) {}
/// # takes(tenant);
/// ```
///
/// Two to four of them in a tuple are one too: their keys are [joined](super::JoinedKey), so that
/// each combination has an allowance of its own. All of them have to find a key; when one finds none,
/// the request has none.
///
/// ```
/// use http::Request;
/// use tower_edge_core::{Head, rate_limit::{Key, KeyOf}};
///
/// # fn tenant<'a>(head: Head<'a>) -> Option<Key<'a>> {
/// #     head.headers.get("x-tenant").map(|value| Key::Text(value.as_bytes()))
/// # }
/// fn method<'a>(head: Head<'a>) -> Option<Key<'a>> {
///     Some(Key::Text(head.method.as_str().as_bytes()))
/// }
///
/// let request = Request::put("/").header("x-tenant", "a").body(())?;
/// let joined = Key::from([Key::Text(b"a"), Key::Text(b"PUT")]);
/// assert_eq!((tenant, method).key(Head::from(&request)), Some(joined));
///
/// let nobodys = Request::put("/").body(())?;
/// assert_eq!((tenant, method).key(Head::from(&nobodys)), None);
/// # Ok::<(), http::Error>(())
/// ```
pub trait KeyOf {
    /// The key of the request with this head.
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>>;

    /// The header fields that the key is read from by [`Head::field`], so that one walk over a request finds them and
    /// those that other layers read. None by default.
    fn fields(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    /// Asks another when this finds no key.
    ///
    /// Keys that are equal are one caller, whichever of the two has found them.
    ///
    /// ```
    /// use http::Request;
    /// use tower_edge_core::{Head, rate_limit::{Key, KeyOf}};
    ///
    /// # fn tenant<'a>(head: Head<'a>) -> Option<Key<'a>> {
    /// #     head.headers.get("x-tenant").map(|value| Key::Text(value.as_bytes()))
    /// # }
    /// fn anybody<'a>(_: Head<'a>) -> Option<Key<'a>> {
    ///     Some(Key::Text(b"anybody"))
    /// }
    ///
    /// let caller = tenant.or(anybody);
    ///
    /// let tenants = Request::get("/").header("x-tenant", "a").body(())?;
    /// assert_eq!(caller.key(Head::from(&tenants)), Some(Key::Text(b"a")));
    /// let nobodys = Request::get("/").body(())?;
    /// assert_eq!(caller.key(Head::from(&nobodys)), Some(Key::Text(b"anybody")));
    /// # Ok::<(), http::Error>(())
    /// ```
    fn or<K: KeyOf>(self, other: K) -> Or<Self, K>
    where
        Self: Sized,
    {
        Or {
            first: self,
            second: other,
        }
    }
}

impl<F> KeyOf for F
where
    F: for<'a> Fn(Head<'a>) -> Option<Key<'a>>,
{
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        self(head)
    }
}

impl<A: KeyOf, B: KeyOf> KeyOf for (A, B) {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        Some(Key::from([self.0.key(head)?, self.1.key(head)?]))
    }

    fn fields(&self) -> Vec<HeaderName> {
        [self.0.fields(), self.1.fields()].concat()
    }
}

impl<A: KeyOf, B: KeyOf, C: KeyOf> KeyOf for (A, B, C) {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        Some(Key::from([
            self.0.key(head)?,
            self.1.key(head)?,
            self.2.key(head)?,
        ]))
    }

    fn fields(&self) -> Vec<HeaderName> {
        [self.0.fields(), self.1.fields(), self.2.fields()].concat()
    }
}

impl<A: KeyOf, B: KeyOf, C: KeyOf, D: KeyOf> KeyOf for (A, B, C, D) {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        Some(Key::from([
            self.0.key(head)?,
            self.1.key(head)?,
            self.2.key(head)?,
            self.3.key(head)?,
        ]))
    }

    fn fields(&self) -> Vec<HeaderName> {
        [
            self.0.fields(),
            self.1.fields(),
            self.2.fields(),
            self.3.fields(),
        ]
        .concat()
    }
}

/// The key that the first finds, else that of the second; see [`KeyOf::or`].
#[derive(Clone, Copy, Debug)]
pub struct Or<A, B> {
    first: A,
    second: B,
}

impl<A: KeyOf, B: KeyOf> KeyOf for Or<A, B> {
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        self.first.key(head).or_else(|| self.second.key(head))
    }

    fn fields(&self) -> Vec<HeaderName> {
        [self.first.fields(), self.second.fields()].concat()
    }
}
