//! The gateway under load, with its layers and without, in rounds that take turns.

mod gateway;
mod rounds;
mod run;
mod wrk;

pub(crate) use self::run::run;
