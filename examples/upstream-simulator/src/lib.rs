//! An upstream inside of a process, that goes wrong in all the ways that upstreams do.

mod simulator;

pub use self::simulator::start;
