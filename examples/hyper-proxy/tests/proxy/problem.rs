//! What every error has to look like.

use bytes::Bytes;
use http::Response;

use crate::client::field;

/// Holds an answer against RFC 9457, and asks for its id.
pub(crate) fn assert_problem(answer: &Response<Bytes>, status: u16) {
    let body = str::from_utf8(answer.body()).unwrap();

    assert_eq!(answer.status(), status, "{body}");
    assert_eq!(
        field(answer.headers(), "content-type"),
        "application/problem+json"
    );
    assert!(!field(answer.headers(), "x-correlation-id").is_empty());
    assert!(body.contains(&format!("\"status\":{status}")), "{body}");
}
