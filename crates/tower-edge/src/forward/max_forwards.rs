use std::ops::ControlFlow;

use http::header::{ALLOW, MAX_FORWARDS};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use tower_edge_core::http_ext::SingleHeader;
use tower_edge_core::{Kind, Problem};

/// Decrements `Max-Forwards`, or breaks with a response if it is 0 ([RFC 9110, section
/// 7.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.2)).
///
/// It limits only `OPTIONS` and `TRACE`. The RFC names no status for a value that is not a number. The proxy responds
/// with 400, since a loop would otherwise have no end.
pub(super) fn count_down<B, R: Default>(request: &mut Request<B>) -> ControlFlow<Response<R>> {
    let is_trace = match *request.method() {
        Method::OPTIONS => false,
        Method::TRACE => true,
        _ => return ControlFlow::Continue(()),
    };
    let headers = request.headers_mut();
    let count = match SingleHeader::from_headers(headers, &MAX_FORWARDS) {
        SingleHeader::Missing => return ControlFlow::Continue(()),
        SingleHeader::One(value) => parse(value),
        SingleHeader::Many => None,
    };
    match count {
        Some(0) => ControlFlow::Break(final_response(is_trace)),
        Some(count) => {
            headers.insert(MAX_FORWARDS, HeaderValue::from(count - 1));
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(Problem::new(Kind::BadRequest).into_empty_response()),
    }
}

/// `1*DIGIT`. A count that is too large becomes the largest supported one.
fn parse(value: &HeaderValue) -> Option<u32> {
    let digits = value.as_bytes();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let next = |count: u32, digit: &u8| {
        count
            .saturating_mul(10)
            .saturating_add((digit - b'0').into())
    };
    Some(digits.iter().fold(0, next))
}

/// The proxy's response as the final recipient. It does not send a `TRACE` back: that would show the client the
/// fields that intermediaries have added.
fn final_response<B: Default>(is_trace: bool) -> Response<B> {
    let mut response = if is_trace {
        Problem::new(Kind::MethodNotAllowed).into_empty_response()
    } else {
        let mut response = Response::new(B::default());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    };
    response.headers_mut().insert(ALLOW, METHODS.clone());
    response
}

/// The methods that the proxy forwards; the upstream may support fewer.
static METHODS: HeaderValue =
    HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn counted(method: &Method, lines: &[&'static str]) -> (HeaderMap, ControlFlow<Response<()>>) {
        let request = Request::builder().method(method).uri("*");
        let request = lines
            .iter()
            .fold(request, |request, line| request.header(MAX_FORWARDS, *line));
        let mut request = request.body(()).unwrap();
        let flow = count_down(&mut request);
        (request.into_parts().0.headers, flow)
    }

    // RFC 9110, section 7.6.2.
    #[test]
    fn max_forwards_of_0_gets_a_response_and_is_not_forwarded() {
        for (method, status) in [(Method::OPTIONS, 204), (Method::TRACE, 405)] {
            for zero in ["0", "000"] {
                let (_, flow) = counted(&method, &[zero]);

                let response = flow.break_value().unwrap();
                assert_eq!(response.status(), status, "{method}");
                let allow = response.headers()[ALLOW].to_str().unwrap();
                assert!(allow.contains("GET, HEAD, OPTIONS"), "{allow}");
                assert!(!allow.contains("TRACE"), "{allow}");
            }
        }
    }

    #[test]
    fn max_forwards_is_decremented() {
        for (value, expected) in [
            ("1", "0"),
            ("10", "9"),
            ("007", "6"),
            ("4294967295", "4294967294"),
            ("99999999999999999999", "4294967294"),
        ] {
            for method in [Method::OPTIONS, Method::TRACE] {
                let (headers, flow) = counted(&method, &[value]);

                assert!(flow.is_continue(), "{value}");
                assert_eq!(headers[MAX_FORWARDS], expected);
            }
        }
        let (headers, flow) = counted(&Method::OPTIONS, &[]);
        assert!(flow.is_continue() && headers.is_empty());
    }

    #[test]
    fn a_max_forwards_that_is_no_number_is_400() {
        for bad in [
            &["soon"][..],
            &["-1"],
            &["1.5"],
            &["+1"],
            &[""],
            &["1, 2"],
            &["1", "1"],
        ] {
            let (_, flow) = counted(&Method::OPTIONS, bad);

            assert_eq!(flow.break_value().unwrap().status(), 400, "{bad:?}");
        }
    }

    // "A recipient MAY ignore a Max-Forwards header field received with any other request methods."
    #[test]
    fn max_forwards_of_other_methods_is_ignored() {
        for method in [Method::GET, Method::POST] {
            let (headers, flow) = counted(&method, &["0"]);

            assert!(flow.is_continue());
            assert_eq!(headers[MAX_FORWARDS], "0");
        }
    }
}
