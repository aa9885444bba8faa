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
