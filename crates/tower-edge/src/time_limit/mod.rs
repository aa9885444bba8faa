//! What layers that limit a time share.

mod limit;
pub(crate) mod wait;

pub(crate) use self::limit::{Due, Limit, Tell};
pub(crate) use self::wait::{Wait, expired};
