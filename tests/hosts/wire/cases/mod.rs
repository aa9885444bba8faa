//! The cases: a row each, and what it does.

mod bodies;
mod expect;
mod http1;
mod refusals;
mod table;

pub(crate) use self::table::CASES;
