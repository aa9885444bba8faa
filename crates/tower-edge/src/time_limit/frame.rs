use http_body::{Body, Frame};
use tokio::time::Instant;

use super::Due;

/// The end that this frame came after, and when that was seen.
///
/// A body whose frames are always ready never polls a timer, so the clock is read once for each of them,
/// where there is an end at all. `None` for that with which the body is over: trailers, an error, the last
/// of its data. What is whole is not thrown away.
pub(crate) fn expired<B: Body>(
    end: Option<Due>,
    frame: Option<&Result<Frame<B::Data>, B::Error>>,
    body: &B,
) -> Option<(Due, Instant)> {
    let due = end?;
    let Some(Ok(frame)) = frame else {
        return None;
    };
    let now = Instant::now();
    (now > due.at && frame.is_data() && !body.is_end_stream()).then_some((due, now))
}
