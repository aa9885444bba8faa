//! Responses that are none of the envelope's business, and those that have no body.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Full;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{Context, EnvelopeLayer, Format, UpstreamErrorPolicy};
use tower_edge::{Kind, Problem};

use crate::response::{FORMATS, request, status, through};

/// A format that writes every problem with the same status.
#[derive(Clone, Copy)]
struct Says(u16);

impl Format for Says {
    fn body(&self, _: &Problem, _: &Context<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"not for this status");
    }

    fn status(&self, _: &Problem, _: &Context<'_>) -> StatusCode {
        StatusCode::from_u16(self.0).unwrap()
    }
}

/// Problem details with another status.
struct Teapot;

impl Format for Teapot {
    fn body(&self, problem: &Problem, context: &Context<'_>, out: &mut Vec<u8>) {
        ProblemDetails.body(problem, context, out);
    }

    fn status(&self, _: &Problem, _: &Context<'_>) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }
}

// RFC 9457, section 3.1.2: the status member is the status of the response.
#[test]
fn a_format_that_wraps_another_changes_the_status_in_the_body_too() {
    let refused = status(500).body(Full::<Bytes>::default()).unwrap();

    let response = through(&EnvelopeLayer::new(Teapot), request("GET"), refused);

    assert_eq!(response.status, 418);
    let body: serde_json::Value = serde_json::from_str(response.text()).unwrap();
    assert_eq!(
        (&body["status"], &body["title"]),
        (&418.into(), &"I'm a teapot".into())
    );
}

// RFC 9110, section 9.3.2: HEAD has the fields of GET and no content.
// https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2
#[test]
fn head_keeps_the_length_and_sends_no_body() {
    for (name, format) in FORMATS {
        let layer = EnvelopeLayer::new(format);
        let ask = |method| {
            let refused = status(404).header("content-length", "9");
            through(
                &layer,
                request(method),
                refused.body(Full::<Bytes>::from("not found")).unwrap(),
            )
        };

        let (get, head) = (ask("GET"), ask("HEAD"));

        assert_eq!(head.body, "", "{name}");
        assert_eq!(
            head.list("content-length"),
            get.body.len().to_string(),
            "{name}"
        );
        assert_eq!(
            head.list("content-type"),
            get.list("content-type"),
            "{name}"
        );
        assert_eq!(head.status, get.status, "{name}");
    }
}

#[test]
fn head_of_what_is_left_alone_keeps_its_length() {
    let inner_response = status(200).header("content-length", "1234567");

    let response = through(
        &EnvelopeLayer::new(ProblemDetails),
        request("HEAD"),
        inner_response.body(Full::<Bytes>::default()).unwrap(),
    );

    assert_eq!(response.list("content-length"), "1234567");
}

/// What a server hands over with a 101.
#[derive(Clone, Debug, PartialEq)]
struct OnUpgrade(u8);

#[test]
fn only_errors_are_touched() {
    let eager =
        EnvelopeLayer::new(ProblemDetails).with_upstream_errors(UpstreamErrorPolicy::Replace);
    for code in 100..400 {
        for method in ["GET", "HEAD", "OPTIONS", "CONNECT"] {
            let mut inner_response = status(code)
                .header("etag", "\"x\"")
                .header("location", "/there")
                .header("content-type", "text/plain")
                .body(Full::<Bytes>::from("mine"))
                .unwrap();
            inner_response.extensions_mut().insert(OnUpgrade(7));
            // Even a problem does not make an error of it.
            inner_response
                .extensions_mut()
                .insert(Problem::new(Kind::Internal));

            let response = through(&eager, request(method), inner_response);

            assert_eq!(response.status, code);
            assert_eq!(response.text(), "mine", "{method} {code}");
            assert_eq!(response.headers.len(), 3, "{method} {code}");
            assert_eq!(response.extensions.get(), Some(&OnUpgrade(7)), "{code}");
        }
    }
}

#[test]
fn extensions_survive_an_error() {
    let mut inner_response = status(502).body(Full::<Bytes>::default()).unwrap();
    inner_response.extensions_mut().insert(OnUpgrade(7));

    let response = through(
        &EnvelopeLayer::new(ProblemDetails),
        Request::new(()),
        inner_response,
    );

    assert_eq!(response.extensions.get(), Some(&OnUpgrade(7)));
    assert_eq!(response.extension::<Problem>().kind(), Kind::UpstreamError);
}

// RFC 9110, sections 6.4.1 and 8.6: no content after 1xx, 204, 205 and 304, and no length of any.
// https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1
// https://www.rfc-editor.org/rfc/rfc9110#section-8.6
#[test]
fn a_problem_that_becomes_a_status_without_content_sends_none() {
    for code in [204, 205, 304] {
        for method in ["GET", "HEAD"] {
            let inner_response = status(404)
                .header("content-length", "4")
                .header("content-type", "text/plain")
                .body(Full::<Bytes>::from("gone"))
                .unwrap();

            let response = through(
                &EnvelopeLayer::new(Says(code)),
                request(method),
                inner_response,
            );

            assert_eq!((response.status, response.text()), (code, ""));
            assert_eq!(response.headers, HeaderMap::new(), "{method} {code}");
        }
    }
}
