//! What a [`Store`](super::Store) of one's own takes and returns.

pub use tower_edge_core::rate_limit::{
    KeyHash, MaybeReady, Never, Operation, QuotaRequest, Receipt, SlidingWindow,
};
