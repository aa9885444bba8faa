//! Pictures of what a request costs, and of what a key costs, from one run of the measurements.

mod cost;
mod figures;
mod memory;
mod readme;
mod run;

pub(crate) use self::run::run;
