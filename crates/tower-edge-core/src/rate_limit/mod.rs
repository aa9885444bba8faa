//! The contract between a rate-limit layer and the stores that count for it.
//!
//! A request makes [`Demand`]s, one per [`Policy`]. A [`Store`] decides them together: all are
//! charged, or none. A store in memory answers [`Check::Now`] and costs no future; one behind a
//! network answers [`Check::Later`].
//!
//! ```
//! use std::num::NonZeroU32;
//! use std::time::Duration;
//! use tower_edge_core::rate_limit::{Decision, Demand, KeyHash, Policy, Standing};
//!
//! let policy = Policy::new("second", NonZeroU32::MIN, Duration::from_secs(1))?;
//! let demand = Demand::new(&policy, KeyHash::from_bits(7));
//! let [second, minute] = [
//!     Standing::allowed(19, Duration::from_millis(50), Some(Duration::ZERO)),
//!     Standing::refused(0, Duration::from_secs(60), Some(Duration::from_millis(200))),
//! ];
//!
//! // One refusal refuses the request, and it is what the client is told of.
//! let decision = Decision::new(Duration::ZERO, &[demand, demand], [second, minute]);
//! assert!(!decision.is_allowed());
//! assert_eq!(decision.strictest(), Some(1));
//! # Ok::<(), tower_edge_core::rate_limit::PolicyError>(())
//! ```

mod calendar;
mod decision;
mod key;
mod key_hash;
mod key_of;
mod key_part;
mod policy;
mod standing;
mod store;
mod url_encoded;

pub use self::calendar::{Calendar, CalendarPeriod, UtcOffset, UtcOffsetError};
pub use self::decision::{Decision, Demand};
pub use self::key::{JoinedKey, Key};
pub use self::key_hash::KeyHash;
pub use self::key_of::{KeyOf, Or};
pub use self::policy::{Algorithm, Policy, PolicyError};
pub use self::standing::Standing;
pub use self::store::{Check, Never, Settlement, Store};
