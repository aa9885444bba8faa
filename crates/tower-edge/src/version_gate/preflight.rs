use http::Method;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use tower_edge_core::Head;

/// Whether a browser asks what it may ask for, before it has said who it is: a [CORS-preflight
/// request](https://fetch.spec.whatwg.org/#cors-preflight-request). Any other OPTIONS is a request like
/// others.
pub(super) fn is_preflight(head: Head<'_>) -> bool {
    *head.method == Method::OPTIONS
        && head.headers.contains_key(ORIGIN)
        && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
