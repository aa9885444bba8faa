//! The errors of the documents, and of the table of codes where a document has none.

mod answers;
mod gates;
mod requests;

pub(crate) use self::answers::*;
pub(crate) use self::gates::*;
pub(crate) use self::requests::*;
