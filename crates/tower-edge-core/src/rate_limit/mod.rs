//! The contract between a rate-limit layer and the stores that count for it.
//!
//! A request makes [`Demand`]s, one per [`Policy`]. A [`Store`] decides them together: all are
//! charged, or none. A store in memory answers [`Check::Now`] and costs no future; one behind a
//! network answers [`Check::Later`].

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
