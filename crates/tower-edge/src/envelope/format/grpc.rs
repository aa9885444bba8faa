use std::fmt::Write;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::StatusCode;
use tower_edge_core::Context;
use tower_edge_core::Format;
use tower_edge_core::Problem;
use tower_edge_core::number;

use super::wording;

/// A [trailers-only](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses)
/// response: HTTP status 200, no body, and the gRPC status and message in the header fields.
///
/// An envelope answers gRPC requests so whatever format it was given. A wait is also told in
/// `grpc-retry-pushback-ms`
/// ([gRFC A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback)).
#[derive(Clone, Copy, Debug, Default)]
pub struct Grpc;

impl Format for Grpc {
    fn body(&self, _: &Problem, _: &Context<'_>, _: &mut Vec<u8>) {}

    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static("application/grpc")
    }

    fn headers(&self, problem: &Problem, _: &Context<'_>, headers: &mut HeaderMap) {
        insert_status(problem, headers);
    }

    fn name(&self) -> &'static str {
        "grpc"
    }

    fn status(&self, _: &Problem, _: &Context<'_>) -> StatusCode {
        StatusCode::OK
    }
}

/// Adds status, message and pushback, wherever the protocol has them.
pub(super) fn insert_status(problem: &Problem, fields: &mut HeaderMap) {
    let code = problem.kind().grpc_code().number();
    fields.insert(&GRPC_STATUS, number::header_value(code.into()));
    let message = percent_encoded(&wording::message_with_fields(problem, None));
    // What is encoded so is always a header value.
    if let Ok(message) = HeaderValue::try_from(message) {
        fields.insert(&GRPC_MESSAGE, message);
    }
    if let Some(wait) = problem.retry_after() {
        let pushback = number::header_value(wording::millis(wait).min(MAX_PUSHBACK));
        fields.insert(&GRPC_RETRY_PUSHBACK_MS, pushback);
    }
}

/// `Status-Message`: all but printable ASCII, and the percent sign itself, as `%XX`. Clients decode
/// no more than that, so no more is encoded.
fn percent_encoded(message: &str) -> String {
    let mut encoded = String::with_capacity(message.len().min(MAX_MESSAGE));
    for char in message.chars() {
        // Half a character would not be decoded by all clients.
        if encoded.len() + char.len_utf8() * "%XX".len() > MAX_MESSAGE {
            break;
        }
        match char {
            ' '..='$' | '&'..='~' => encoded.push(char),
            char => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing into a String does not fail.
                    let _ = write!(encoded, "%{byte:02X}");
                }
            }
        }
    }
    encoded
}

/// A signed 32-bit number to clients.
const MAX_PUSHBACK: u64 = i32::MAX as u64;
/// Clients commonly take 8 KiB of header fields in all.
const MAX_MESSAGE: usize = 1024;

static GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
static GRPC_RETRY_PUSHBACK_MS: HeaderName = HeaderName::from_static("grpc-retry-pushback-ms");
static GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower_edge_core::Kind;

    use super::*;

    fn headers(problem: &Problem) -> HeaderMap {
        let mut headers = HeaderMap::new();
        Grpc.headers(problem, &Context::default(), &mut headers);
        headers
    }

    // PROTOCOL-HTTP2, Status-Message: percent-encoded but for %x20-%x24 and %x26-%x7E.
    #[test]
    fn only_what_must_be_encoded_is() {
        let message = "pas trouvé: 100%\n/a:b~";

        assert_eq!(
            headers(&Problem::new(Kind::NotFound).with_message(message))["grpc-message"],
            "pas trouv%C3%A9: 100%25%0A/a:b~"
        );
    }

    #[test]
    fn a_refusal_is_resource_exhausted_with_a_wait_in_milliseconds() {
        let headers = headers(
            &Problem::new(Kind::RateLimited).with_retry_after(Duration::from_micros(700_001)),
        );

        assert_eq!(headers["grpc-status"], "8");
        assert_eq!(headers["grpc-retry-pushback-ms"], "701");
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        for message in ["ü".repeat(100_000), format!("a{}", "€".repeat(100_000))] {
            let problem = Problem::new(Kind::Internal).with_message(message);

            let headers = headers(&problem);

            let message = headers["grpc-message"].to_str().unwrap();
            assert!((1000..=1024).contains(&message.len()));
            assert!(message.ends_with("%C3%BC") || message.ends_with("%E2%82%AC"));
        }
    }
}
