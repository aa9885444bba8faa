use http::Method;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};

use crate::Head;

/// Whether a request is a [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request): `OPTIONS`
/// with `Origin` and `Access-Control-Request-Method`.
///
/// ```
/// use http::Request;
/// use tower_edge_core::Head;
/// use tower_edge_core::http_ext::is_preflight;
///
/// let request = Request::options("/media")
///     .header("origin", "https://app.example")
///     .header("access-control-request-method", "PUT")
///     .body(())?;
///
/// assert!(is_preflight(Head::from(&request)));
/// # Ok::<(), http::Error>(())
/// ```
///
/// A browser sends it without credentials, before the request that it asks permission for. Any other `OPTIONS` is a
/// request like others ([RFC 9110, section 9.3.7](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.7)).
#[must_use]
pub fn is_preflight(head: Head<'_>) -> bool {
    *head.method == Method::OPTIONS
        && head.headers.contains_key(ORIGIN)
        && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    // Fetch, CORS-preflight request: it has all three.
    #[test]
    fn only_options_with_both_fields_is_a_preflight() {
        const BOTH: &[&str] = &["origin", "access-control-request-method"];
        for (method, names, expected) in [
            ("OPTIONS", BOTH, true),
            ("OPTIONS", &["origin"], false),
            ("OPTIONS", &["access-control-request-method"], false),
            (
                "OPTIONS",
                &["origin", "access-control-request-headers"],
                false,
            ),
            ("OPTIONS", &[], false),
            ("options", BOTH, false),
            ("GET", BOTH, false),
        ] {
            let mut request = Request::builder().method(method);
            for name in names {
                request = request.header(*name, "");
            }
            let request = request.body(()).unwrap();

            assert_eq!(
                is_preflight(Head::from(&request)),
                expected,
                "{method} {names:?}"
            );
        }
    }
}
