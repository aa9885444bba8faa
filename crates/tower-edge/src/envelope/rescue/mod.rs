//! Waits for the first frame of a body, where that is asked for.

mod first_frame;
mod traits;

pub use self::first_frame::{FirstFrame, Waiting};
pub use self::traits::{First, NoRescue, PollRescue, Rescue, Rescued};
