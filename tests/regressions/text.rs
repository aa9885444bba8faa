//! Text that somebody else chose.

use http::Request;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::problem::FieldError;
use tower_edge::{Kind, Problem};

use crate::response::{FORMATS, call, failed};

/// What would be a field of its own if it came into another's value.
const INJECTED: &str = "a\r\nX-Injected: 1\0\u{1b}[31m\u{202e}\u{7f}ü";

fn injecting() -> Problem {
    Problem::new(Kind::Validation)
        .with_message(INJECTED)
        .with_detail(INJECTED, INJECTED)
        .with_field_error(FieldError::new(INJECTED, INJECTED).with_value(INJECTED))
}

#[test]
fn no_text_reaches_the_header_fields() {
    for (name, format) in FORMATS {
        let layer = EnvelopeLayer::new(format);

        let response = failed(&layer, Request::new(()), injecting());

        assert!(
            !format!("{:?}", response.headers).contains("Injected"),
            "{name}"
        );
        let body: serde_json::Value = serde_json::from_str(response.text()).unwrap();
        assert!(body.to_string().contains("X-Injected"), "{name}: {body}");
    }
}

// gRPC over HTTP/2: all but visible ASCII is percent-encoded.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses
#[test]
fn a_message_of_grpc_is_encoded() {
    let layer = EnvelopeLayer::new(ProblemDetails);

    let response = failed(&layer, call("application/grpc"), injecting());

    let message = response.list("grpc-message");
    assert!(
        message.starts_with("a%0D%0AX-Injected: 1%00%1B"),
        "{message}"
    );
    assert_eq!(response.list("x-injected"), "");
}

#[test]
fn long_text_is_cut() {
    let long = "ü".repeat(1 << 20);
    let problem = Problem::new(Kind::Validation)
        .with_message(long.clone())
        .with_field_error(FieldError::new("title", long.clone()).with_value(&long));
    for (name, format) in FORMATS {
        let response = failed(
            &EnvelopeLayer::new(format),
            Request::new(()),
            problem.clone(),
        );

        assert!(
            response.text().len() < 8192,
            "{name}: {}",
            response.text().len()
        );
    }
}

#[test]
fn a_detail_that_does_not_serialize_does_not_fail_the_response() {
    struct Fails;
    impl Serialize for Fails {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(S::Error::custom("secret"))
        }
    }
    for (name, format) in FORMATS {
        let problem = Problem::new(Kind::Conflict).with_detail("state", Fails);

        let response = failed(&EnvelopeLayer::new(format), Request::new(()), problem);

        assert_eq!(
            response.extension::<Problem>().kind(),
            Kind::Conflict,
            "{name}"
        );
        assert!(
            !response.text().contains("secret"),
            "{name}: {}",
            response.text()
        );
        serde_json::from_str::<serde_json::Value>(response.text()).unwrap();
    }
}
