//! What a problem carries to the client, whichever way it comes to the envelope.

use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_LANGUAGE, WWW_AUTHENTICATE};
use http_body_util::Full;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::{Kind, Problem};

use crate::response::{enveloped, failed};

#[test]
fn the_header_fields_of_a_problem_are_sent_once() {
    let problem = Problem::new(Kind::Unauthenticated)
        .with_header(WWW_AUTHENTICATE, "Bearer")
        .with_header("allow", "GET")
        // It describes the message: the format does not know the language.
        .with_header(CONTENT_LANGUAGE, "de");

    let responses = [
        enveloped(problem.clone().into_empty_response::<Full<Bytes>>()),
        failed(
            &EnvelopeLayer::new(ProblemDetails),
            Request::new(()),
            problem,
        ),
    ];

    for response in responses {
        assert_eq!(response.status, 401);
        assert_eq!(response.list("www-authenticate"), "Bearer");
        assert_eq!(response.list("allow"), "GET");
        assert_eq!(response.list("content-language"), "de");
    }
}
