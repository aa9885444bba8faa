//! Holds a response against what was asked.

mod bodies;
mod fields;
mod flaw;
mod ids;
mod response;

use self::flaw::Flaw;
pub(crate) use self::ids::MadeIds;
pub(crate) use self::response::flaws;
