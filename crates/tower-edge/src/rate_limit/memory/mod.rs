//! Counts in the memory of this process, with a clock that tests can set.

mod calendar;
mod clock;
mod gcra;
mod store;
mod table;
mod tables;

pub use self::clock::{Clock, MonotonicClock};
pub(super) use self::clock::{unix_at, unix_now};
pub use self::store::MemoryStore;
