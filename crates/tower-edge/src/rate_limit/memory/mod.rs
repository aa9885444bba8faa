//! Counts in the memory of this process.

mod account;
mod clock;
mod secrets;
mod store;
mod table;

pub use self::clock::{Clock, MonotonicClock};
pub use self::store::MemoryStore;
