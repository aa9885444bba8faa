//! What is asked, and what has to come back.

mod case;
mod errors;
mod json_rpc;
mod request;
mod table;

pub(crate) use self::case::Body;
pub(crate) use self::case::Case;
pub(crate) use self::case::Target;
pub(crate) use self::case::Under;
pub(crate) use self::case::Wanted;
pub(crate) use self::errors::Errors;
pub(crate) use self::request::Ask;
pub(crate) use self::request::SPENT_KEY;
pub(crate) use self::request::draw;
pub(crate) use self::table::BUSY;
pub(crate) use self::table::PATIENT;
