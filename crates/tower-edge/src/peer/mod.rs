//! The peer of the connection that a request came on.

mod address;

pub(crate) use self::address::address;
