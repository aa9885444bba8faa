use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response};
use tower_edge_core::Problem;
use tower_edge_core::http_ext::{header_int, whole_seconds};

/// Tells a client that has been told to come back to come back no earlier than it is let in again: of
/// two waits the longer one counts. A date that an upstream has written stands.
pub(in crate::rate_limit) fn lengthen<B>(response: &mut Response<B>, wait: Duration) {
    let seconds = whole_seconds(wait);
    if response
        .headers()
        .get(RETRY_AFTER)
        .is_some_and(|said| is_less(said, seconds))
    {
        let value = header_int(seconds);
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    let problem = response.extensions_mut().get_mut::<Problem>();
    if let Some(problem) =
        problem.filter(|problem| problem.retry_after().is_some_and(|said| said < wait))
    {
        *problem = problem.clone().with_retry_after(wait);
    }
}

fn is_less(said: &HeaderValue, seconds: u64) -> bool {
    let said = said.to_str().ok().and_then(|said| said.parse().ok());
    said.is_some_and(|said: u64| said < seconds)
}
