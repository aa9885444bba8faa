//! An error is written once, and by whom it is to be.

use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio_test::block_on;
use tower::{ServiceBuilder, service_fn};
use tower_edge::envelope::format::{JsonRpc, ProblemDetails};
use tower_edge::envelope::{EnvelopeLayer, Format, UpstreamErrorPolicy};
use tower_edge::problem::Exposure;
use tower_edge::{Kind, Problem};
use tower_edge_formats::{
    AdsMcp, Aip193, Connect, JsonApi, MediaNest, PlexMcp, Plexichat, RouterMcp, routermcp,
};
use tower_edge_tests::{TestResponse, oneshot};

use crate::response::{FORMATS, Unread, failed, is_untouched, status, through};

/// An error in the upstream's own format.
fn upstream(code: u16, content_type: &str) -> Response<Unread> {
    let inner_response = status(code)
        .header("content-type", content_type)
        .header("content-length", "1234")
        .header("x-error-code", "THEIRS")
        .header("x-error-id", "their-id")
        .header("www-authenticate", "Basic")
        .header("cache-control", "max-age=60")
        .header("retry-after", "7")
        .header("set-cookie", "a=b")
        .header("access-control-allow-origin", "*");
    inner_response.body(Unread).unwrap()
}

fn nested(outer: EnvelopeLayer) -> TestResponse {
    let service = ServiceBuilder::new()
        .layer(outer)
        .layer(EnvelopeLayer::new(MediaNest))
        .service(service_fn(async |_: Request<()>| {
            Err::<Response<Full<Bytes>>, _>(Problem::new(Kind::Internal))
        }));
    block_on(oneshot(service, Request::new(())))
}

#[test]
fn what_is_enveloped_is_left_alone() {
    for (name, format) in FORMATS {
        let alone =
            nested(EnvelopeLayer::new(format).with_upstream_errors(UpstreamErrorPolicy::Replace));

        assert!(alone.text().contains("\"INTERNAL_ERROR\""), "{name}");
        assert_eq!(alone.list("x-error-code"), "INTERNAL_ERROR", "{name}");
    }
}

#[test]
fn json_is_not_taken_for_an_envelope_nor_for_ours() {
    let looks_like_ours = status(404)
        .header("content-type", "application/problem+json")
        .body(Full::<Bytes>::from("{\"title\":\"theirs\"}"))
        .unwrap();

    let response = through(
        &EnvelopeLayer::new(MediaNest),
        Request::new(()),
        looks_like_ours,
    );

    assert_eq!(response.text(), "{\"title\":\"theirs\"}");
    assert!(is_untouched(&response));
}

#[test]
fn an_upstreams_error_is_passed_through_to_the_byte() {
    let inner_response = status(403)
        .header("content-type", "application/json")
        .header("x-error-code", "THEIRS")
        .body(Full::<Bytes>::from("{}"))
        .unwrap();
    let headers = inner_response.headers().clone();

    let response = through(
        &EnvelopeLayer::new(MediaNest),
        Request::new(()),
        inner_response,
    );

    assert_eq!((response.status, response.text()), (403, "{}"));
    assert_eq!(response.headers, headers);
}

#[test]
fn an_upstreams_error_is_wrapped_with_its_status() {
    let wrapping =
        EnvelopeLayer::new(ProblemDetails).with_upstream_errors(UpstreamErrorPolicy::Wrap);
    for content_type in ["application/json", "application/problem+json", "text/html"] {
        for code in [400, 401, 404, 409, 418, 429, 500, 503] {
            let response = through(&wrapping, Request::new(()), upstream(code, content_type));

            assert_eq!(response.status, code);
            assert_eq!(response.list("content-type"), "application/problem+json");
            for gone in ["content-length", "x-error-code", "x-error-id"] {
                assert_eq!(response.list(gone), "", "{gone}");
            }
            for (kept, value) in [
                ("access-control-allow-origin", "*"),
                ("cache-control", "max-age=60"),
                ("retry-after", "7"),
                ("set-cookie", "a=b"),
                ("www-authenticate", "Basic"),
            ] {
                assert_eq!(response.list(kept), value, "{kept}");
            }
        }
    }
}

#[test]
fn an_upstreams_error_is_replaced_by_a_502() {
    let replacing =
        EnvelopeLayer::new(MediaNest).with_upstream_errors(UpstreamErrorPolicy::Replace);
    for code in [401, 404, 429, 500, 502, 503] {
        let response = through(
            &replacing,
            Request::new(()),
            upstream(code, "application/json"),
        );

        assert_eq!(response.status, 502);
        assert_eq!(response.list("x-error-code"), "EXTERNAL_SERVICE_ERROR");
        for gone in ["cache-control", "www-authenticate", "x-error-id"] {
            assert_eq!(response.list(gone), "", "{gone}");
        }
        for (kept, value) in [("retry-after", "7"), ("set-cookie", "a=b")] {
            assert_eq!(response.list(kept), value, "{kept}");
        }
        assert!(
            !response.text().contains("upstream_status"),
            "{}",
            response.text()
        );
    }

    let developed = replacing.with_exposure(Exposure::Development);
    let response = through(
        &developed,
        Request::new(()),
        upstream(401, "application/json"),
    );
    assert!(
        response.text().contains("\"upstream_status\":401"),
        "{}",
        response.text()
    );
}

#[test]
fn an_event_stream_is_never_written_anew() {
    for choice in [UpstreamErrorPolicy::Wrap, UpstreamErrorPolicy::Replace] {
        let inner_response = status(500)
            .header("content-type", "Text/Event-Stream; charset=utf-8")
            .body(Full::<Bytes>::from("data: x\n\n"))
            .unwrap();

        let layer = EnvelopeLayer::new(ProblemDetails).with_upstream_errors(choice);
        let response = through(&layer, Request::new(()), inner_response);

        assert_eq!(response.text(), "data: x\n\n", "{choice:?}");
        assert_eq!(response.status, 500, "{choice:?}");
    }
}

#[test]
fn an_error_is_one_occurrence_however_often_it_is_written() {
    let response = nested(EnvelopeLayer::new(MediaNest));

    let error_id = response.extension::<Problem>().error_id().unwrap();
    assert!(
        response
            .text()
            .contains(&format!("\"error_id\":\"{error_id}\"")),
        "{}",
        response.text()
    );
}

#[test]
fn the_id_in_the_response_is_the_one_in_the_log() {
    static LOGGED: Mutex<Option<String>> = Mutex::new(None);

    for (format, is_named) in [
        (&ProblemDetails as &'static dyn Format, true),
        (&JsonApi, true),
        (&const { Aip193::new() }, true),
        (&const { Connect::new() }, true),
        (&const { JsonRpc::new(&routermcp::CATALOG) }, true),
        (&MediaNest, true),
        // Their documents have no place for it.
        (&routermcp::RPC, false),
        (&RouterMcp, false),
        (&PlexMcp, false),
        (&Plexichat, false),
        (&AdsMcp, false),
    ] {
        let layer = EnvelopeLayer::new(format).on_problem(|event| {
            *LOGGED.lock().unwrap() = event.error_id().map(|id| id.to_string());
        });

        let response = failed(&layer, Request::new(()), Problem::new(Kind::Internal));

        let id = LOGGED.lock().unwrap().take().unwrap();
        assert_eq!(
            response.text().contains(&id),
            is_named,
            "{}",
            response.text()
        );
        assert_eq!(
            response.text().contains("err_"),
            is_named,
            "{}",
            response.text()
        );
    }
}
