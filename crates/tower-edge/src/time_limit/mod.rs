//! What layers that limit a time share.

mod limit;
mod wait;

pub(crate) use self::limit::{Due, Limit, Tell};
pub(crate) use self::wait::{Wait, expired, poll_timer};
