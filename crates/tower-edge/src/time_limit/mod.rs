//! What layers that limit a time share.

mod due;
mod frame;
mod limit;
mod tell;
mod timer;
mod wait;

pub(crate) use self::due::Due;
pub(crate) use self::frame::expired;
pub(crate) use self::limit::Limit;
pub(crate) use self::tell::Tell;
pub(crate) use self::timer::poll_timer;
pub(crate) use self::wait::Wait;
