//! Counts in the memory of this process, by a clock that tests can set.
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use std::time::Duration;
//!
//! use tower_edge::rate_limit::memory::Clock;
//! use tower_edge::rate_limit::store::{Operation, QuotaRequest};
//! use tower_edge::rate_limit::{Key, MemoryStore, Quota, Store};
//!
//! /// Stands still until a test moves it.
//! #[derive(Clone, Debug, Default)]
//! struct Seconds(Arc<AtomicU64>);
//!
//! impl Clock for Seconds {
//!     fn now(&self) -> Duration {
//!         Duration::from_secs(self.0.load(Ordering::Relaxed))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), std::convert::Infallible> {
//! const LOGIN: Quota = Quota::per_minute(5).named("login");
//! let clock = Seconds::default();
//! let store = MemoryStore::new(1024).with_clock(clock.clone());
//!
//! // What a layer with this store does for each request.
//! let account = Key::from("alice@example.com");
//! let request = QuotaRequest::new(LOGIN, store.hash(&account));
//! store.apply(Operation::TryAcquire, &[request], None).wait().await?;
//! assert_eq!(store.peek(&LOGIN, &account).await?.remaining(), 4);
//!
//! // One is back after twelve seconds.
//! clock.0.store(12, Ordering::Relaxed);
//! assert_eq!(store.peek(&LOGIN, &account).await?.remaining(), 5);
//!
//! // An administrator unlocks the account.
//! store.reset(&LOGIN, &account).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The clock of a store is not tokio's: `tokio::time::pause` and `advance` do not move it. Give the store a [`Clock`]
//! of the test.

mod calendar;
mod clock;
mod gcra;
mod store;
mod table;
mod tables;

pub use self::clock::{Clock, MonotonicClock};
pub(super) use self::clock::{unix_at, unix_now};
pub use self::store::MemoryStore;
