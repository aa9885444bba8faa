//! What the tests share: a gateway of their own, a client, and what the documents say of errors.

mod answer;
mod ask;
mod errors;
mod gateway;
mod limit_fields;
mod raw;
pub(crate) mod rows;

pub(crate) use self::answer::Answer;
pub(crate) use self::ask::{Ask, PATIENCE, PROTOCOLS, Protocol};
pub(crate) use self::errors::{Errors, PREFIXES, at};
pub(crate) use self::gateway::{Gateway, command};
pub(crate) use self::limit_fields::{assert_limit_fields, assert_no_limit_fields, remaining};
pub(crate) use self::raw::{raw, read_answer};
