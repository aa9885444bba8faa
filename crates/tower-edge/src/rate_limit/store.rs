//! The types for a [`Store`](super::Store) of your own.
//!
//! A store applies an [`Operation`] to the quotas of one request, all of them or none. This one counts its calls, and
//! leaves the rest to another store:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicUsize, Ordering};
//! use std::time::Instant;
//!
//! use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Operation, QuotaRequest};
//! use tower_edge::rate_limit::{ApiKey, Key, Limit, MemoryStore, Quota, RateLimitLayer, Store};
//!
//! #[derive(Clone, Debug, Default)]
//! struct Counted {
//!     inner: MemoryStore,
//!     operations: Arc<AtomicUsize>,
//! }
//!
//! impl Store for Counted {
//!     type Error = <MemoryStore as Store>::Error;
//!     type Future = <MemoryStore as Store>::Future;
//!
//!     fn hash(&self, key: &Key<'_>) -> KeyHash {
//!         self.inner.hash(key)
//!     }
//!
//!     fn apply(
//!         &self,
//!         operation: Operation,
//!         requests: &[QuotaRequest],
//!         now: Option<Instant>,
//!     ) -> MaybeReady<Self::Future> {
//!         self.operations.fetch_add(1, Ordering::Relaxed);
//!         self.inner.apply(operation, requests, now)
//!     }
//! }
//!
//! let limit = Limit::new(Quota::per_minute(60), ApiKey);
//! let layer = RateLimitLayer::new(limit).with_store(Counted::default());
//! # let _ = layer;
//! ```
//!
//! A store behind a network returns [`MaybeReady::Pending`] with its `Future`. The future may be boxed: the round trip
//! takes far longer than the allocation.

pub use tower_edge_core::rate_limit::{
    KeyHash, MaybeReady, Never, Operation, QuotaRequest, Receipt, SlidingWindow,
};
