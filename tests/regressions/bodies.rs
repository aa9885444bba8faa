//! Which bodies are replaced, and that none is read for it.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, UpstreamErrorPolicy};

use crate::response::{FORMATS, Unread, enveloped, status, through};

#[test]
fn frameworks_errors_are_written_and_chosen_bodies_are_not() {
    for content_type in ["", "text/plain", "text/plain; charset=utf-8", "Text/Plain"] {
        let mut inner_response = status(422).body(Full::<Bytes>::from("said")).unwrap();
        if !content_type.is_empty() {
            inner_response
                .headers_mut()
                .insert("content-type", content_type.parse().unwrap());
        }

        let response = enveloped(inner_response);

        assert_eq!(response.list("content-type"), "application/problem+json");
    }
    for content_type in [
        "application/json",
        "application/problem+json",
        "application/vnd.api+json; x=y",
        "text/html",
        "application/x-protobuf",
        "application/octet-stream",
        "text/event-stream",
        "text/plaintext",
        "image/png",
    ] {
        let inner_response = status(422).header("content-type", content_type);

        let response = enveloped(inner_response.body(Full::<Bytes>::from("said")).unwrap());

        assert_eq!(response.text(), "said", "{content_type}");
        assert_eq!(response.list("content-type"), content_type);
    }
}

#[test]
fn a_frameworks_text_is_not_repeated() {
    for (name, format) in FORMATS {
        for code in [400, 404, 413, 415, 422, 500, 503] {
            let text = "Missing request extension: app::Secrets";
            let inner_response = status(code).header("content-type", "text/plain");

            let response = through(
                &EnvelopeLayer::new(format),
                Request::new(()),
                inner_response.body(Full::<Bytes>::from(text)).unwrap(),
            );

            assert!(
                !response.text().contains("Secrets"),
                "{name}: {}",
                response.text()
            );
            assert!(!response.text().is_empty(), "{name}");
        }
    }
}

#[test]
fn no_body_is_read_to_replace_it() {
    assert_eq!(enveloped(status(503).body(Unread).unwrap()).status, 503);

    for choice in [UpstreamErrorPolicy::Wrap, UpstreamErrorPolicy::Replace] {
        let inner_response = status(500)
            .header("content-type", "application/json")
            .header("content-length", "99999999999")
            .body(Unread)
            .unwrap();

        let layer = EnvelopeLayer::new(ProblemDetails).with_upstream_errors(choice);

        assert_eq!(
            through(&layer, Request::new(()), inner_response).status / 100,
            5
        );
    }
}

#[test]
fn trailers_of_the_old_body_do_not_come() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", "abc".parse().unwrap());
    let old = || {
        let frames = [
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"old"))),
            Ok(Frame::trailers(trailers.clone())),
        ];
        StreamBody::new(futures_util::stream::iter(frames))
    };
    let ask = |code: u16| {
        let mut received = Some(
            status(code)
                .header("trailer", "x-checksum")
                .header("transfer-encoding", "chunked")
                .body(old())
                .unwrap(),
        );
        let service = tower::service_fn(move |_: Request<()>| {
            let received = received.take().unwrap();
            async move { Ok::<_, Infallible>(received) }
        });
        let layered = tower::Layer::layer(&EnvelopeLayer::new(ProblemDetails), service);
        tokio_test::block_on(async {
            let response = tower::ServiceExt::oneshot(layered, Request::new(())).await;
            let (parts, body) = response.unwrap().into_parts();
            (parts.headers, body.collect().await.unwrap())
        })
    };

    let (headers, body) = ask(500);
    assert!(body.trailers().is_none());
    assert!(!headers.contains_key("trailer") && !headers.contains_key("transfer-encoding"));

    let (headers, body) = ask(200);
    assert_eq!(body.trailers(), Some(&trailers), "a success keeps its own");
    assert!(headers.contains_key("trailer"));
}
