//! The errors of the documents, and of the table of codes where a document has none.

mod gates;
mod requests;
mod responses;

pub(crate) use self::gates::*;
pub(crate) use self::requests::*;
pub(crate) use self::responses::*;
