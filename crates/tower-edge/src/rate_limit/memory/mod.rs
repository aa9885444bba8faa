//! Counts in the memory of this process, with a clock that tests can set.
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use std::time::Duration;
//!
//! use tower_edge::rate_limit::memory::Clock;
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
//! let store = MemoryStore::new(1024).with_clock(Seconds::default());
//!
//! // From outside of a request: what is left to an account, and its whole quota back.
//! let account = Key::from("alice@example.com");
//! assert_eq!(store.peek(&LOGIN, &account).await?.remaining(), 5);
//! assert_eq!(store.reset(&LOGIN, &account).await?.remaining(), 5);
//! # Ok(())
//! # }
//! ```

mod calendar;
mod clock;
mod gcra;
mod store;
mod table;
mod tables;

pub use self::clock::{Clock, MonotonicClock};
pub(super) use self::clock::{unix_at, unix_now};
pub use self::store::MemoryStore;
