//! What the tests share: a gateway of their own, a client, and what the documents say of errors.

mod answer;
mod ask;
mod errors;
mod gateway;
mod limit_fields;
mod raw;
pub(crate) mod rows;

pub(crate) use self::answer::Answer;
pub(crate) use self::ask::Ask;
pub(crate) use self::ask::PATIENCE;
pub(crate) use self::ask::PROTOCOLS;
pub(crate) use self::ask::Protocol;
pub(crate) use self::errors::Errors;
pub(crate) use self::errors::PREFIXES;
pub(crate) use self::errors::at;
pub(crate) use self::gateway::Gateway;
pub(crate) use self::gateway::command;
pub(crate) use self::limit_fields::assert_limit_fields;
pub(crate) use self::limit_fields::assert_no_limit_fields;
pub(crate) use self::limit_fields::remaining;
pub(crate) use self::raw::raw;
pub(crate) use self::raw::read_answer;
