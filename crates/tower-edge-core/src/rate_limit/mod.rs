//! The contract between a rate-limit layer and the stores that count for it.
//!
//! A request makes [`Demand`]s, one per [`Policy`]. A [`Store`] decides them together: all are
//! charged, or none. A store in memory answers [`Check::Now`] and costs no future; one behind a
//! network answers [`Check::Later`].
//!
//! ```
//! use std::time::Duration;
//! use tower_edge_core::rate_limit::Decision;
//!
//! let second = Decision::allowed(0, 19, Duration::from_millis(50));
//! let minute = Decision::refused(1, 0, Duration::from_secs(60), Some(Duration::from_millis(200)));
//!
//! // One refusal refuses the request, and it is what the client is told of.
//! assert_eq!(second.stricter(minute), minute);
//! ```

mod check;
mod decision;
mod demand;
mod key;
mod policy;
mod store;

pub use self::check::Check;
pub use self::decision::Decision;
pub use self::demand::Demand;
pub use self::key::{Key, KeyOf};
pub use self::policy::{Policy, PolicyError};
pub use self::store::{Settlement, Store};
