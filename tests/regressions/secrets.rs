//! Secrets are poured in wherever there is room for one, and none comes out.

use std::future::{Ready, ready};
use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::Full;
use tokio_test::block_on;
use tower::{Layer, Service};
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer, UpstreamErrorPolicy};
use tower_edge::problem::{Exposure, Visibility};
use tower_edge::{BoxError, Kind, Problem};
use tower_edge_formats::{ads_mcp, mcp, medianest, plexichat, plexmcp, routermcp};
use tower_edge_tests::oneshot;

use crate::response::{FORMATS, status};

/// What must not leave, in the clothes that secrets wear.
const SECRET: &str = "postgres://app:hunter2@10.0.0.7/users?sslkey=hunter2";
const MARK: &str = "hunter2";

type Plain = Response<Full<Bytes>>;

/// What an inner service does with a secret.
#[derive(Clone, Copy)]
enum Pours {
    Response(fn() -> Plain),
    Error(fn() -> BoxError),
    PanicInCall,
    PanicInFuture,
    PanicInReady,
    Unready,
}

impl Service<Request<Full<Bytes>>> for Pours {
    type Response = Plain;
    type Error = BoxError;
    type Future = Poured;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::PanicInReady => panic!("{SECRET}"),
            Self::Unready => Poll::Ready(Err(SECRET.into())),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Poured {
        match self {
            Self::Response(response) => Poured(Some(ready(Ok(response())))),
            Self::Error(error) => Poured(Some(ready(Err(error())))),
            Self::PanicInFuture => Poured(None),
            _ => panic!("{SECRET}"),
        }
    }
}

/// A response, or a panic.
struct Poured(Option<Ready<Result<Plain, BoxError>>>);

impl Future for Poured {
    type Output = Result<Plain, BoxError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.as_mut() {
            Some(response) => std::pin::Pin::new(response).poll(cx),
            None => panic!("{SECRET}"),
        }
    }
}

/// Asks in all formats and protocols, with a request that is full of secrets itself.
fn everything_sent(pours: Pours, exposure: Exposure, upstream: UpstreamErrorPolicy) -> Vec<String> {
    let mut text = Vec::new();
    for (name, format) in FORMATS {
        for (method, content_type) in [
            (Method::GET, "text/plain"),
            (Method::HEAD, "text/plain"),
            (Method::POST, "application/json"),
            (Method::POST, "application/grpc"),
        ] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{SECRET}"}}"#);
            let mut request = Request::builder()
                .method(&method)
                .uri(format!("/{MARK}?key={MARK}"))
                .header("content-type", content_type)
                .body(Full::from(body))
                .unwrap();
            for field in ["authorization", "cookie", "x-api-key", "accept"] {
                let value = HeaderValue::from_static(SECRET);
                request.headers_mut().insert(field, value);
            }

            let service = EnvelopeLayer::new(format)
                .with_exposure(exposure)
                .with_upstream_errors(upstream)
                .layer(
                    tower::ServiceBuilder::new()
                        .map_request(|request: Request<_>| request.map(|_| Full::default()))
                        .service(pours),
                );
            let service = JsonRpcIdLayer::new(1024).layer(service);
            let response = block_on(oneshot(service, request));
            let (headers, body) = (&response.headers, response.text());
            text.push(format!(
                "{name}, {method} {content_type}: {headers:?} {body}"
            ));
        }
    }
    text
}

fn assert_no_secret_leaves(pours: Pours, upstream: UpstreamErrorPolicy) {
    for text in everything_sent(pours, Exposure::Production, upstream) {
        assert!(!text.contains(MARK), "{text}");
    }
}

#[test]
fn no_error_of_the_inner_service_leaves() {
    let errors: [fn() -> BoxError; 8] = [
        || SECRET.into(),
        || io::Error::other(SECRET).into(),
        || io::Error::new(io::ErrorKind::TimedOut, SECRET).into(),
        || io::Error::new(io::ErrorKind::ConnectionRefused, SECRET).into(),
        || io::Error::new(io::ErrorKind::ConnectionReset, SECRET).into(),
        || format!("\"{SECRET}\"").parse::<u32>().unwrap_err().into(),
        || {
            let shown = format!("\"{SECRET}\"");
            serde_json::from_str::<u32>(&shown).unwrap_err().into()
        },
        || tower_edge::envelope::problem_of(SECRET).into(),
    ];
    for error in errors {
        assert_no_secret_leaves(Pours::Error(error), UpstreamErrorPolicy::PassThrough);
    }
}

#[test]
fn no_text_of_a_panic_or_of_a_service_that_is_not_ready_leaves() {
    for pours in [
        Pours::PanicInCall,
        Pours::PanicInFuture,
        Pours::PanicInReady,
        Pours::Unready,
    ] {
        assert_no_secret_leaves(pours, UpstreamErrorPolicy::PassThrough);
    }
}

#[test]
fn no_source_and_no_development_detail_of_any_kind_leaves() {
    fn of_every_kind() -> impl Iterator<Item = Problem> {
        Kind::ALL.iter().map(|kind| {
            Problem::new(*kind)
                .with_source(SECRET)
                .with_development_detail("stack", SECRET)
                .with_development_detail(SECRET, "x")
        })
    }
    assert_none_of(of_every_kind().collect());
}

#[test]
fn no_internal_detail_leaves_even_in_development() {
    let responses: [fn() -> Plain; 2] = [
        || internal(Kind::Conflict).into_empty_response(),
        || internal(Kind::Internal).into_empty_response(),
    ];
    for response in responses {
        for exposure in [Exposure::Production, Exposure::Development] {
            let upstream = UpstreamErrorPolicy::PassThrough;
            for text in everything_sent(Pours::Response(response), exposure, upstream) {
                assert!(!text.contains(MARK), "{text}");
            }
        }
    }
}

fn internal(kind: Kind) -> Problem {
    Problem::new(kind)
        .with_internal_detail("shard", SECRET)
        .with_internal_detail(MARK, 1)
}

#[test]
fn no_detail_that_a_row_keeps_for_development_leaves() {
    let mut problems = Vec::new();
    for catalog in [
        &ads_mcp::CATALOG,
        &mcp::CATALOG,
        &medianest::CATALOG,
        &plexichat::CATALOG,
        &plexmcp::CATALOG,
        &routermcp::CATALOG,
    ] {
        for row in catalog.definitions() {
            let hidden = row.details().iter();
            let hidden = hidden.filter(|detail| detail.visibility() != Visibility::Public);
            problems.extend(hidden.map(|detail| {
                // As a handler says it that does not know better.
                Problem::from(row)
                    .with_source(SECRET)
                    .with_detail(detail.name(), SECRET)
            }));
        }
    }

    assert!(problems.len() > 5, "{}", problems.len());
    assert_none_of(problems);
}

/// The problem goes by a thread's own variable, as the services hold functions.
fn assert_none_of(problems: Vec<Problem>) {
    thread_local! {
        static NEXT: std::cell::RefCell<Option<Problem>> = const { std::cell::RefCell::new(None) };
    }
    let mut shown_to_developers = 0;
    for problem in problems {
        NEXT.set(Some(problem));
        let next: fn() -> Plain = || {
            let problem = NEXT.with_borrow(Clone::clone);
            problem.unwrap().into_empty_response()
        };

        assert_no_secret_leaves(Pours::Response(next), UpstreamErrorPolicy::PassThrough);
        let all = everything_sent(
            Pours::Response(next),
            Exposure::Development,
            UpstreamErrorPolicy::PassThrough,
        );
        shown_to_developers += all.iter().filter(|text| text.contains(MARK)).count();
    }
    assert!(shown_to_developers > 0, "the secrets were poured in vain");
}

#[test]
fn nothing_of_a_frameworks_error_leaves() {
    let responses: [fn() -> Plain; 4] = [
        || described(404, "text/plain"),
        || described(422, "text/plain; charset=utf-8"),
        || described(500, "text/plain"),
        || {
            let mut response = described(503, "x");
            response.headers_mut().remove("content-type");
            response
        },
    ];
    for response in responses {
        for upstream in [
            UpstreamErrorPolicy::PassThrough,
            UpstreamErrorPolicy::Wrap,
            UpstreamErrorPolicy::Replace,
        ] {
            assert_no_secret_leaves(Pours::Response(response), upstream);
        }
    }
}

#[test]
fn nothing_of_an_upstreams_error_leaves_that_is_wrapped_or_replaced() {
    let responses: [fn() -> Plain; 3] = [
        || described(401, "application/json"),
        || described(404, "text/html"),
        || described(500, "application/problem+json"),
    ];
    for response in responses {
        for upstream in [UpstreamErrorPolicy::Wrap, UpstreamErrorPolicy::Replace] {
            assert_no_secret_leaves(Pours::Response(response), upstream);
        }
    }
}

/// An error with secrets in its body and in the fields that name it.
fn described(code: u16, content_type: &str) -> Plain {
    let mut response = status(code)
        .header("content-type", content_type)
        .body(Full::from(SECRET))
        .unwrap();
    for name in [
        "content-disposition",
        "content-language",
        "content-location",
        "digest",
        "etag",
        "grpc-message",
        "grpc-status-details-bin",
        "x-error",
        "x-error-code",
        "x-error-message",
    ] {
        let value = HeaderValue::from_static(SECRET);
        response.headers_mut().insert(name, value);
    }
    response
}
