//! The contract between a rate-limit layer and the stores that count for it.
//!
//! A request makes a [`QuotaRequest`] for each [`Quota`] that it is under. A [`Store`] decides them together: all are
//! charged, or none. A store in memory returns [`MaybeReady::Ready`], and costs no future. A store behind a network
//! returns [`MaybeReady::Pending`].
//!
//! ```
//! use std::time::Duration;
//!
//! use tower_edge_core::rate_limit::{Decision, KeyHash, Quota, QuotaRequest, QuotaState};
//!
//! let quotas = [Quota::per_second(20), Quota::per_minute(300)];
//! let requests = quotas.map(|quota| QuotaRequest::new(quota, KeyHash::from_bits(7)));
//! let [second, minute] = quotas.map(|quota| quota.limit());
//! let states = [
//!     QuotaState::allowed(second, 19, Duration::from_millis(50), Some(Duration::ZERO)),
//!     QuotaState::rejected(minute, 0, Duration::from_secs(60), Some(Duration::from_millis(200))),
//! ];
//!
//! // One rejection rejects the request, and it is what the client is sent.
//! let decision = Decision::new(Duration::ZERO, &requests, states);
//! assert!(!decision.is_allowed());
//! assert_eq!(decision.most_restrictive(), Some(1));
//! ```

mod calendar;
mod decision;
mod key;
mod key_extractor;
mod quota;
mod quota_text;
mod sliding_window;
mod store;

pub use self::calendar::{Calendar, CalendarPeriod, UtcOffset, UtcOffsetError};
pub use self::decision::{Decision, QuotaRequest, QuotaState, Receipt};
pub use self::key::{Key, KeyHash};
pub use self::key_extractor::{KeyExtractor, Or, Required};
pub use self::quota::{Algorithm, Quota, QuotaError};
pub use self::sliding_window::SlidingWindow;
pub use self::store::{MaybeReady, Never, Operation, Store};
