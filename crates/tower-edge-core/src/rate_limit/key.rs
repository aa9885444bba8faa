use std::net::IpAddr;

use crate::Head;

/// Whose allowance a request is charged to: borrowed from the request, and hashed by the store at
/// once with a secret of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key<'a> {
    /// An address, such as the client's.
    Address(IpAddr),
    /// Text, such as an API key.
    Text(&'a [u8]),
}

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
pub trait KeyOf {
    /// The key of the request with this head.
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>>;
}

impl<F> KeyOf for F
where
    F: for<'a> Fn(Head<'a>) -> Option<Key<'a>>,
{
    fn key<'a>(&self, head: Head<'a>) -> Option<Key<'a>> {
        self(head)
    }
}
