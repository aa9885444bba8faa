//! Counts in the memory of this process.

mod clock;
mod gcra;
mod quota;
mod store;
mod table;
mod tables;
mod window;

pub use self::clock::{Clock, MonotonicClock};
pub(super) use self::clock::{unix_at, unix_now};
pub use self::store::MemoryStore;
