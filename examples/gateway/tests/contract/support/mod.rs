//! What the tests share: a gateway of their own, a client, and what the documents say of errors.

mod ask;
mod errors;
mod gateway;
mod limit_fields;
pub(crate) mod rows;
mod sound;

pub(crate) use tower_edge_tests::{PATIENCE, PROTOCOLS, Protocol, TestResponse, read_response};

pub(crate) use self::ask::Ask;
pub(crate) use self::errors::{Errors, PREFIXES, at};
pub(crate) use self::gateway::{Gateway, command, raw};
pub(crate) use self::limit_fields::{assert_limit_fields, assert_no_limit_fields, remaining};
