mod grpc_web;
mod panics;

use std::error::Error;
use std::io;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::response::Builder;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tokio_test::block_on;
use tower::{ServiceExt, service_fn};
use tower_edge_core::{CorrelationId, Exposure, Format, Kind};
use tower_layer::Layer;
use tower_service::Service;

use super::super::EnvelopeLayer;
use super::super::format::ProblemDetails;
use super::*;
use tower_edge_formats::{MediaNest, PlexMcp};

type TestResult = Result<Response<Full<Bytes>>, BoxError>;

struct Written {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    problem: Option<Problem>,
}

async fn written(
    layer: &EnvelopeLayer,
    request: Request<()>,
    response: fn() -> TestResult,
) -> Written {
    let service = layer.layer(service_fn(move |_: Request<()>| async move { response() }));
    read(service.oneshot(request).await.unwrap()).await
}

async fn read<B>(response: Response<ResponseBody<B>>) -> Written
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Written {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        problem: parts.extensions.get().cloned(),
    }
}

fn plex(request: Request<()>, response: fn() -> TestResult) -> Written {
    block_on(written(&EnvelopeLayer::new(PlexMcp), request, response))
}

fn bare(status: u16) -> Builder {
    Response::builder().status(status)
}

fn grpc() -> Request<()> {
    Request::post("/edge.Echo/Say")
        .header("content-type", "application/grpc+proto")
        .body(())
        .unwrap()
}

#[test]
fn a_success_is_left_alone() {
    let written = plex(Request::new(()), || {
        Ok(bare(200).header("etag", "x").body("hello".into())?)
    });

    assert_eq!(
        (written.status, written.body.as_str()),
        (StatusCode::OK, "hello")
    );
    assert_eq!(written.headers["etag"], "x");
}

#[test]
fn a_problem_of_a_layer_or_handler_is_written() {
    let written = plex(Request::new(()), || {
        Ok(Problem::new(Kind::RateLimited).into_empty_response())
    });

    assert_eq!(written.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(written.headers["content-type"], "application/json");
    assert_eq!(
        written.body,
        r#"{"success":false,"error":{"code":"rate_limited","message":"Too many requests"}}"#
    );
    assert!(written.problem.unwrap().is_rendered());
}

#[test]
fn a_bare_error_of_a_framework_is_written_by_its_status() {
    for (status, code) in [
        (404, "not_found"),
        (405, "invalid_request"),
        (413, "content_too_large"),
        (422, "validation_error"),
        (503, "service_unavailable"),
    ] {
        let service =
            EnvelopeLayer::new(PlexMcp).layer(service_fn(move |_: Request<()>| async move {
                let response = bare(status).header("content-type", "text/plain; charset=utf-8");
                Ok::<_, BoxError>(response.body(Full::from("Secret::Type was not found"))?)
            }));
        let written =
            block_on(async { read(service.oneshot(Request::new(())).await.unwrap()).await });

        assert_eq!(written.status.as_u16(), status);
        assert!(
            written.body.contains(&format!("\"code\":\"{code}\"")),
            "{}",
            written.body
        );
        assert!(!written.body.contains("Secret"), "{}", written.body);
    }
}

#[test]
fn an_error_that_the_api_has_written_is_left_alone() {
    for content_type in ["application/json", "application/problem+json", "text/html"] {
        let service =
            EnvelopeLayer::new(PlexMcp).layer(service_fn(move |_: Request<()>| async move {
                Ok::<_, BoxError>(
                    bare(418)
                        .header("content-type", content_type)
                        .body(Full::from("mine"))?,
                )
            }));
        let written =
            block_on(async { read(service.oneshot(Request::new(())).await.unwrap()).await });

        assert_eq!(
            (written.status.as_u16(), written.body.as_str()),
            (418, "mine")
        );
    }
}

#[test]
fn an_unknown_status_stays_what_it_is() {
    let written = plex(Request::new(()), || Ok(bare(418).body(Full::default())?));

    assert_eq!(written.status, StatusCode::IM_A_TEAPOT);
}

#[test]
fn fields_of_the_error_are_kept_and_those_of_its_body_are_not() {
    let written = plex(Request::new(()), || {
        Ok(bare(405)
            .header("allow", "GET")
            .header("www-authenticate", "Bearer")
            .header("access-control-allow-origin", "*")
            .header("etag", "\"x\"")
            .header("content-encoding", "gzip")
            .header("content-length", "4")
            .header("last-modified", "Sat, 01 Jan 2022 00:00:00 GMT")
            .body("text".into())?)
    });

    let kept = [
        "allow",
        "www-authenticate",
        "access-control-allow-origin",
        "content-type",
    ];
    assert!(
        kept.iter().all(|name| written.headers.contains_key(*name)),
        "{:?}",
        written.headers
    );
    assert_eq!(written.headers.len(), kept.len(), "{:?}", written.headers);
}

#[test]
fn retry_after_is_added_only_where_it_is_absent() {
    let error = || {
        Err(Problem::new(Kind::Unavailable)
            .with_retry_after(Duration::from_millis(1100))
            .into())
    };
    assert_eq!(plex(Request::new(()), error).headers["retry-after"], "2");

    let kept = plex(Request::new(()), || {
        let problem = Problem::new(Kind::Unavailable).with_retry_after(Duration::from_secs(7));
        let mut response = problem.into_empty_response();
        response
            .headers_mut()
            .insert("retry-after", HeaderValue::from_static("9"));
        Ok(response)
    });
    assert_eq!(
        kept.headers
            .get_all("retry-after")
            .iter()
            .collect::<Vec<_>>(),
        ["9"]
    );
}

#[test]
fn an_error_of_the_inner_service_is_classified_and_not_shown() {
    let written = plex(Request::new(()), || {
        Err(io::Error::from(io::ErrorKind::ConnectionRefused).into())
    });
    assert_eq!(written.status, StatusCode::BAD_GATEWAY);
    assert!(written.body.contains("mcp_unreachable"));

    let written = plex(
        Request::new(()),
        || Err("postgres://user:hunter2@db".into()),
    );
    assert_eq!(written.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!written.body.contains("hunter2"), "{}", written.body);
    assert!(
        written
            .problem
            .unwrap()
            .source()
            .unwrap()
            .to_string()
            .contains("hunter2")
    );
}

#[test]
fn the_users_own_table_comes_first() {
    let layer = EnvelopeLayer::new(PlexMcp)
        .with_classify(|error| error.is::<io::Error>().then_some(Kind::Conflict));

    let written = block_on(written(&layer, Request::new(()), || {
        Err(io::Error::from(io::ErrorKind::ConnectionRefused).into())
    }));

    assert_eq!(written.status, StatusCode::CONFLICT);
}

#[test]
fn a_panic_is_an_internal_error_without_its_text() {
    let written = plex(Request::new(()), || panic!("secret {}", 42));

    assert_eq!(written.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!written.body.contains("secret"), "{}", written.body);
    assert_eq!(
        written.problem.unwrap().source().unwrap().to_string(),
        "the service panicked: secret 42"
    );
}

#[test]
fn a_service_that_does_not_become_ready_is_not_called() {
    #[derive(Clone)]
    struct Broken;
    impl Service<Request<()>> for Broken {
        type Response = Response<Full<Bytes>>;
        type Error = io::Error;
        type Future = std::future::Ready<Result<Self::Response, io::Error>>;

        fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
        }

        fn call(&mut self, _: Request<()>) -> Self::Future {
            panic!("called without being ready")
        }
    }

    let service = EnvelopeLayer::new(PlexMcp).layer(Broken);
    let written = block_on(async { read(service.oneshot(Request::new(())).await.unwrap()).await });

    assert_eq!(written.status, StatusCode::GATEWAY_TIMEOUT);
}

// RFC 9110, section 9.3.2: HEAD has the fields of GET and no content.
#[test]
fn head_has_the_length_and_no_body() {
    let response = || Ok(Problem::new(Kind::NotFound).into_empty_response());
    let mut head = Request::new(());
    *head.method_mut() = Method::HEAD;

    let (get, head) = (plex(Request::new(()), response), plex(head, response));

    assert_eq!(head.body, "");
    assert_eq!(
        head.headers["content-length"],
        get.body.len().to_string().as_str()
    );
    assert_eq!(head.headers["content-type"], get.headers["content-type"]);
}

// RFC 9110, section 6.4.1: 1xx, 204 and 304 have no content.
#[test]
fn a_format_that_responds_with_204_sends_no_body() {
    #[derive(Clone, Copy)]
    struct Silent;
    impl tower_edge_core::Format for Silent {
        fn body(&self, _: &Problem, _: &tower_edge_core::Context<'_>, out: &mut Vec<u8>) {
            out.extend_from_slice(b"not sent");
        }

        fn status(&self, _: &Problem, _: &tower_edge_core::Context<'_>) -> StatusCode {
            StatusCode::NO_CONTENT
        }
    }

    let written = block_on(written(
        &EnvelopeLayer::new(Silent),
        Request::new(()),
        || Ok(bare(404).header("content-length", "3").body("abc".into())?),
    ));

    assert_eq!(
        (written.status, written.body.as_str()),
        (StatusCode::NO_CONTENT, "")
    );
    assert!(written.headers.is_empty(), "{:?}", written.headers);
}

#[test]
fn nested_envelopes_write_once() {
    let inner = EnvelopeLayer::new(MediaNest).layer(service_fn(|_: Request<()>| async {
        Err::<Response<Full<Bytes>>, _>(Problem::new(Kind::NotFound))
    }));
    let outer = EnvelopeLayer::new(PlexMcp).layer(inner);

    let written = block_on(async { read(outer.oneshot(Request::new(())).await.unwrap()).await });

    assert!(written.body.contains("\"NOT_FOUND\""), "{}", written.body);
}

// gRPC over HTTP/2: the response to a call that fails at once is Trailers-Only.
#[test]
fn a_grpc_call_gets_trailers_only() {
    let refused = || {
        let problem = Problem::new(Kind::RateLimited).with_message("slow down: 100%");
        Err(problem.with_retry_after(Duration::from_millis(1500)).into())
    };

    let written = plex(grpc(), refused);

    assert_eq!(
        (written.status, written.body.as_str()),
        (StatusCode::OK, "")
    );
    assert_eq!(written.headers["content-type"], "application/grpc");
    assert_eq!(written.headers["grpc-status"], "8");
    assert_eq!(written.headers["grpc-message"], "slow down: 100%25");
    assert_eq!(written.headers["retry-after"], "2");
    assert_eq!(written.headers["grpc-retry-pushback-ms"], "1500");
}

#[test]
fn an_unknown_method_is_unimplemented_to_grpc() {
    let written = plex(grpc(), || {
        Ok(bare(404)
            .header("content-type", "text/html")
            .body("404".into())?)
    });

    assert_eq!(
        (written.status, written.body.as_str()),
        (StatusCode::OK, "")
    );
    assert_eq!(written.headers["grpc-status"], "12");
}

#[test]
fn a_server_error_has_an_occurrence_that_logs_share() {
    let layer = EnvelopeLayer::new(MediaNest);

    let written = block_on(written(&layer, Request::new(()), || Err("boom".into())));

    let error_id = written.problem.unwrap().error_id().unwrap().to_string();
    assert!(
        written
            .body
            .contains(&format!("\"error_id\":\"{error_id}\"")),
        "{}",
        written.body
    );
    assert_eq!(written.headers["x-error-code"], "INTERNAL_ERROR");
}

#[test]
fn details_for_development_leave_only_in_development() {
    let response = || {
        let problem = Problem::from(&tower_edge_formats::medianest::PLEX_UNREACHABLE);
        Err(problem
            .with_detail("server_url", "https://plex.local:32400")
            .with_development_detail("trace", "x")
            .with_detail("last_successful", "2025-01-15T10:30:00.000Z")
            .into())
    };
    let production = EnvelopeLayer::new(MediaNest);
    let development = production.clone().with_exposure(Exposure::Development);

    let public = block_on(written(&production, Request::new(()), response)).body;
    assert!(
        !public.contains("plex.local") && !public.contains("trace"),
        "{public}"
    );
    assert!(public.contains("last_successful"), "{public}");

    let all = block_on(written(&development, Request::new(()), response)).body;
    assert!(all.contains("plex.local") && all.contains("trace"), "{all}");
}

#[test]
fn the_format_may_depend_on_the_request() {
    let layer = EnvelopeLayer::select_fn(|head| {
        if head.uri.path().starts_with("/plexmcp/") {
            &PlexMcp
        } else {
            &ProblemDetails
        }
    });
    let response = || Ok(bare(404).body(Full::default())?);
    let at = |path: &str| Request::get(path).body(()).unwrap();

    let plex = block_on(written(&layer, at("/plexmcp/x"), response));
    let other = block_on(written(&layer, at("/x"), response));

    assert_eq!(plex.headers["content-type"], "application/json");
    assert_eq!(other.headers["content-type"], "application/problem+json");
}

#[test]
fn the_correlation_id_of_the_request_reaches_the_format() {
    #[derive(Clone, Copy)]
    struct Id;
    impl Format for Id {
        fn body(&self, _: &Problem, context: &tower_edge_core::Context<'_>, out: &mut Vec<u8>) {
            out.extend_from_slice(
                context
                    .correlation_id()
                    .map_or("none", CorrelationId::as_str)
                    .as_bytes(),
            );
        }
    }
    let mut request = Request::new(());
    request.extensions_mut().insert(CorrelationId::from_u128(1));

    let written = block_on(written(&EnvelopeLayer::new(Id), request, || {
        Err("boom".into())
    }));

    assert_eq!(written.body, "00000000000000000000000000000001");
}
