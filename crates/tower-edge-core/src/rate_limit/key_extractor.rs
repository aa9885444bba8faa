use std::sync::Arc;

use http::HeaderName;

use super::Key;
use crate::{Head, Kind};

/// Finds the [`Key`] of a request: whose quota it is charged to.
///
/// ```
/// use http::Request;
/// use tower_edge_core::Head;
/// use tower_edge_core::rate_limit::{Key, KeyExtractor};
///
/// struct Tenant;
///
/// impl KeyExtractor for Tenant {
///     fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
///         head.headers.get("x-tenant").map(Key::from)
///     }
/// }
///
/// fn method<'a>(head: Head<'a>) -> Option<Key<'a>> {
///     Some(Key::from(head.method.as_str()))
/// }
///
/// let request = Request::put("/").header("x-tenant", "a").body(())?;
/// let composite = Key::from([Key::from("a"), Key::from("PUT")]);
/// assert_eq!((Tenant, method).key(Head::from(&request)), Some(composite));
///
/// let request = Request::put("/").body(())?;
/// assert_eq!((Tenant, method).key(Head::from(&request)), None);
/// assert_eq!(Tenant.or(method).key(Head::from(&request)), Some(Key::from("PUT")));
/// # Ok::<(), http::Error>(())
/// ```
///
/// A request without a key is not limited, unless the key is [required](Self::required). A key may borrow from the
/// request and from the extractor.
///
/// Two to four extractors in a tuple are one extractor. Each combination of their keys has a quota of its own. A
/// request has a key when all of them find one. An extractor in an `Arc` is an extractor too, one in a `Box` is not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `KeyExtractor`: it finds no key in a request",
    note = "for a closure, write `key_fn(|head| …)`",
    note = "for the value of a header field, write `HeaderKey::new(HeaderName::from_static(\"x-tenant\"))`",
    note = "for a type in the request's extensions, write `ExtensionKey::new(|user: &User| Key::from(user.id))`"
)]
pub trait KeyExtractor {
    /// The key of the request with this head.
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>>;

    /// The header fields that [`key`](Self::key) reads by [`Head::field`]. One walk over a request finds them together
    /// with those of other layers. None by default.
    fn fields(&self) -> Vec<HeaderName> {
        Vec::new()
    }

    /// The kind of problem with which a request without a key is rejected. By default, such a request is neither
    /// rejected nor limited.
    fn missing(&self) -> Option<Kind> {
        None
    }

    /// The type of the extension that the key is read from, if this request has no such extension. The log names it if no
    /// request has one. `None` by default.
    #[doc(hidden)]
    fn missing_extension(&self, head: Head<'_>) -> Option<&'static str> {
        let _ = head;
        None
    }

    /// Tries another extractor if this one finds no key. Equal keys share a quota, whichever extractor has found them.
    fn or<K: KeyExtractor>(self, other: K) -> Or<Self, K>
    where
        Self: Sized,
    {
        Or {
            first: self,
            second: other,
        }
    }

    /// Rejects requests without a key, with 401. [`Required::with_kind`] sets another kind, such as
    /// [`BadRequest`](Kind::BadRequest) or [`PermissionDenied`](Kind::PermissionDenied).
    fn required(self) -> Required<Self>
    where
        Self: Sized,
    {
        Required {
            extractor: self,
            kind: Kind::Unauthenticated,
        }
    }
}

impl<F> KeyExtractor for F
where
    F: for<'a> Fn(Head<'a>) -> Option<Key<'a>>,
{
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        self(head)
    }
}

impl<K: KeyExtractor + ?Sized> KeyExtractor for Arc<K> {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        (**self).key(head)
    }

    fn fields(&self) -> Vec<HeaderName> {
        (**self).fields()
    }

    fn missing(&self) -> Option<Kind> {
        (**self).missing()
    }

    fn missing_extension(&self, head: Head<'_>) -> Option<&'static str> {
        (**self).missing_extension(head)
    }
}

macro_rules! tuple {
    ($($extractor:ident $index:tt),+) => {
        impl<$($extractor: KeyExtractor),+> KeyExtractor for ($($extractor,)+) {
            fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
                Some(Key::from([$(self.$index.key(head)?),+]))
            }

            fn fields(&self) -> Vec<HeaderName> {
                [$(self.$index.fields()),+].concat()
            }

            fn missing(&self) -> Option<Kind> {
                [$(self.$index.missing()),+].into_iter().flatten().next()
            }

            fn missing_extension(&self, head: Head<'_>) -> Option<&'static str> {
                [$(self.$index.missing_extension(head)),+].into_iter().flatten().next()
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

/// The key that the first extractor finds, else that of the second. See [`KeyExtractor::or`].
#[derive(Clone, Copy, Debug)]
pub struct Or<A, B> {
    first: A,
    second: B,
}

impl<A: KeyExtractor, B: KeyExtractor> KeyExtractor for Or<A, B> {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        self.first.key(head).or_else(|| self.second.key(head))
    }

    fn fields(&self) -> Vec<HeaderName> {
        [self.first.fields(), self.second.fields()].concat()
    }

    fn missing(&self) -> Option<Kind> {
        self.second.missing().or_else(|| self.first.missing())
    }

    fn missing_extension(&self, head: Head<'_>) -> Option<&'static str> {
        let first = self.first.missing_extension(head);
        first.or_else(|| self.second.missing_extension(head))
    }
}

/// A key that a request has to have. See [`KeyExtractor::required`].
#[derive(Clone, Copy, Debug)]
pub struct Required<K> {
    extractor: K,
    kind: Kind,
}

impl<K> Required<K> {
    /// Sets the kind of problem for a request without a key.
    #[must_use]
    pub const fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }
}

impl<K: KeyExtractor> KeyExtractor for Required<K> {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        self.extractor.key(head)
    }

    fn fields(&self) -> Vec<HeaderName> {
        self.extractor.fields()
    }

    fn missing(&self) -> Option<Kind> {
        Some(self.kind)
    }

    fn missing_extension(&self, head: Head<'_>) -> Option<&'static str> {
        self.extractor.missing_extension(head)
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    struct Tenant;

    impl KeyExtractor for Tenant {
        fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
            head.headers.get(TENANT)?.to_str().ok().map(Key::from)
        }

        fn fields(&self) -> Vec<HeaderName> {
            vec![TENANT]
        }
    }

    const TENANT: HeaderName = HeaderName::from_static("x-tenant");

    #[test]
    fn an_extractor_in_an_arc_is_that_extractor() {
        let request = Request::get("/").header(TENANT, "a").body(()).unwrap();

        let extractor: Arc<dyn KeyExtractor> = Arc::new(Tenant.required());

        // Not by the `Deref` of the `Arc`.
        let key = KeyExtractor::key(&extractor, Head::from(&request));
        assert_eq!(key, Some(Key::from("a")));
        assert_eq!(KeyExtractor::fields(&extractor), [TENANT]);
        let missing = KeyExtractor::missing(&extractor);
        assert_eq!(missing, Some(Kind::Unauthenticated));
    }
}
