use std::fmt;
use std::sync::Arc;

use tower_edge_core::Head;

use super::enforcement::stable_hash;

/// What tells one client from another.
#[derive(Clone)]
pub(super) struct ShareBy(Arc<Key>);

type Key = dyn for<'a> Fn(Head<'a>) -> Option<&'a [u8]> + Send + Sync;

impl ShareBy {
    pub(super) fn new(
        key: impl for<'a> Fn(Head<'a>) -> Option<&'a [u8]> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(key))
    }

    /// The same for all requests of a client, where it is known.
    pub(super) fn hash(&self, head: Head<'_>) -> Option<u64> {
        let Self(key) = self;
        key(head).map(stable_hash)
    }
}

impl fmt::Debug for ShareBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShareBy(..)")
    }
}
