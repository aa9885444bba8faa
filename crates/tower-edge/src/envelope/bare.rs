//! Bare responses: a 4xx or 5xx that a framework has written, not an API.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body::Body;
use tower_edge_core::Problem;
use tower_edge_core::http_ext::{Protocol, content_type, is_media_type, retry_after};

use super::strip_headers;

/// Whether a response has no content type, or is plain text. To a gRPC client, every other protocol is bare.
pub(super) fn is_bare(protocol: Protocol, headers: &HeaderMap) -> bool {
    match content_type(headers) {
        None => true,
        Some(_) if protocol != Protocol::Http => Protocol::from_headers(headers) != protocol,
        Some(value) => is_media_type(value, "text/plain"),
    }
}

/// Whether the body is text that the service may have written for the client or the log.
pub(super) fn is_text(headers: &HeaderMap) -> bool {
    is_bare(Protocol::Http, headers) && !headers.contains_key(CONTENT_ENCODING)
}

/// Keeps the fields of a bare response that matter to clients in every format in the problem, and removes those that
/// name the error.
#[expect(
    clippy::disallowed_methods,
    reason = "a date means nothing without today's, and nothing is decided by it"
)]
pub(super) fn take_fields(mut problem: Problem, headers: &mut HeaderMap) -> Problem {
    let (mut has_wait, mut has_error) = (false, false);
    for (name, value) in &*headers {
        match name.as_str() {
            "allow" | "upgrade" | "www-authenticate" => {
                problem = problem.with_header(name.clone(), value.clone());
            }
            "retry-after" => has_wait = true,
            _ => has_error |= strip_headers::is_about_the_error(name),
        }
    }
    if has_error {
        strip_headers::of_error(headers);
    }
    let wait = has_wait.then(|| retry_after(headers, SystemTime::now()));
    match wait.flatten() {
        Some(wait) => problem.with_retry_after(wait),
        None => problem,
    }
}

/// The text of a body, or the start of a long one. `None` if there is none, if it is not UTF-8, or not ready at once.
pub(super) fn text_of(body: impl Body<Data = Bytes>) -> Option<String> {
    let mut body = pin!(body);
    let mut text = Vec::new();
    let mut cx = Context::from_waker(Waker::noop());
    while text.len() <= Problem::MAX_MESSAGE {
        let data = match body.as_mut().poll_frame(&mut cx) {
            Poll::Ready(Some(frame)) => frame.ok()?.into_data().ok()?,
            Poll::Ready(None) => break,
            Poll::Pending => return None,
        };
        if data.is_empty() {
            return None;
        }
        let room = Problem::MAX_MESSAGE + 1 - text.len();
        text.extend(data.iter().take(room));
    }
    let valid = text.utf8_chunks().next()?.valid();
    // The last character of a long text may be incomplete.
    let is_text = valid.len() == text.len() || valid.len() + 3 > Problem::MAX_MESSAGE;
    let trimmed = valid.trim();
    (is_text && !trimmed.is_empty()).then(|| trimmed.to_owned())
}
