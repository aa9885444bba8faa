//! The clients: those that behave, and those that do not.

mod clients;
mod half_closed;
mod leaver;
mod pace;
mod slow_reader;
mod steady_reader;
mod worker;

pub(crate) use self::clients::{load, shared, workers};
