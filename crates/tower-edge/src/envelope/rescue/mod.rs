//! Waits for the first frame of a body, where that is asked for.

mod body;
mod first_frame;
mod none;
mod traits;

pub use self::body::Rescued;
pub use self::first_frame::{FirstFrame, Waiting};
pub use self::none::NoRescue;
pub use self::traits::{First, PollRescue, Rescue};
