//! What is requested, and what has to come back.

mod behind;
mod case;
mod errors;
mod json_rpc;
mod request;
mod table;

pub(crate) use self::behind::{
    NO_HEAD, PASSES, QUOTA, SHARED, SHARED_LIMITED, SHARED_MEDIUM, SILENT, TRUNCATED,
};
pub(crate) use self::case::{Body, Case, Prefix, Target, Under, Wanted};
pub(crate) use self::errors::Errors;
pub(crate) use self::request::{Ask, SPENT_KEY, draw};
pub(crate) use self::table::{BUSY, PATIENT};
