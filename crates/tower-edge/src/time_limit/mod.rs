//! What layers that limit a time share.

mod due;
mod limit;

pub(crate) use self::due::Due;
pub(crate) use self::limit::Limit;
