use std::convert::Infallible;
use std::future::{pending, ready};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Waker};

use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_test::block_on;
use tower::{ServiceExt, service_fn};
use tower_edge_core::{CorrelationId, Kind, Problem};
use tower_layer::Layer;
use tower_service::Service;

use super::AccessLogLayer;
use crate::telemetry::test_support::log::{logged, warnings, with_broken_subscriber};

fn request(method: Method, path: &str) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    request.extensions_mut().insert(CorrelationId::from_u128(7));
    request
}

fn get() -> Request<()> {
    request(Method::GET, "/a?b=c")
}

fn hello() -> Full<Bytes> {
    Full::from("hello")
}

/// A body of two frames. It does not announce its end with the last one.
fn frames() -> impl http_body::Body<Data = Bytes, Error = Infallible> {
    let frame = |text: &'static str| Ok(Frame::data(Bytes::from_static(text.as_bytes())));
    StreamBody::new(stream::iter([frame("hello"), frame("you")]))
}

/// The one line that this logs.
#[track_caller]
fn line(serve: impl FnOnce()) -> String {
    let lines = logged(serve);
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    line.clone()
}

#[track_caller]
fn assert_says(line: &str, fields: &[&str]) {
    for field in fields {
        let field = format!(" {field}");
        assert!(
            line.contains(&format!("{field} ")) || line.ends_with(&field),
            "{field}: {line}"
        );
    }
    for name in ["error.type=", "http.response.status_code="] {
        let is_expected = fields.iter().any(|field| field.starts_with(name));
        assert_eq!(line.contains(name), is_expected, "{line}");
    }
}

#[test]
fn a_request_is_logged_once_with_what_happened() {
    let service = AccessLogLayer::new().layer(service_fn(async |_: Request<()>| {
        let mut response = Response::new(hello());
        response
            .extensions_mut()
            .insert(Problem::new(Kind::NotFound));
        Ok::<_, Infallible>(response)
    }));

    let line = line(|| {
        let response = block_on(service.oneshot(get())).unwrap();
        block_on(response.into_body().collect()).unwrap();
    });

    assert!(line.contains("INFO tower_edge::access: request "), "{line}");
    let id = "correlation.id=\"00000000000000000000000000000007\"";
    let problem = "problem.key=\"not_found\"";
    let fields = [
        id,
        problem,
        "http.request.method=GET",
        "url.path=\"/a\"",
        "http.response.status_code=200",
        "http.response.body.size=5",
    ];
    assert_says(&line, &fields);
    assert!(
        line.contains(" duration_us=") && line.contains(" total_us="),
        "{line}"
    );
}

#[test]
fn a_client_that_leaves_before_the_response_has_a_line_without_a_status() {
    let service = AccessLogLayer::new().layer(service_fn(|_: Request<()>| {
        pending::<Result<Response<Empty<Bytes>>, Infallible>>()
    }));

    let line = line(|| {
        let mut response = pin!(service.oneshot(get()));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(response.as_mut().poll(&mut cx).is_pending());
    });

    assert_says(
        &line,
        &["error.type=\"aborted\"", "http.response.body.size=0"],
    );
}

#[test]
fn a_client_that_leaves_while_the_body_is_sent_aborts_it() {
    let service = AccessLogLayer::new().layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(frames()))
    }));

    let line = line(|| {
        let mut body = pin!(block_on(service.oneshot(get())).unwrap().into_body());
        block_on(body.frame()).unwrap().unwrap();
    });

    assert_says(
        &line,
        &[
            "http.response.status_code=200",
            "http.response.body.size=5",
            "error.type=\"aborted\"",
        ],
    );
}

#[test]
fn a_body_that_is_dropped_at_its_announced_length_is_whole() {
    let service = AccessLogLayer::new().layer(service_fn(async |_: Request<()>| {
        let response = Response::builder().header("content-length", "8");
        Ok::<_, Infallible>(response.body(frames()).unwrap())
    }));

    let line = line(|| {
        let mut body = pin!(block_on(service.oneshot(get())).unwrap().into_body());
        for _ in 0..2 {
            block_on(body.frame()).unwrap().unwrap();
        }
    });

    assert_says(
        &line,
        &["http.response.status_code=200", "http.response.body.size=8"],
    );
}

#[test]
fn a_response_without_content_is_whole_at_its_head() {
    for (method, status) in [
        (Method::HEAD, 200),
        (Method::CONNECT, 200),
        (Method::GET, 204),
        (Method::GET, 304),
        (Method::GET, 101),
    ] {
        let service = AccessLogLayer::new().layer(service_fn(async |_: Request<()>| {
            let response = Response::builder().status(status);
            Ok::<_, Infallible>(response.body(frames()).unwrap())
        }));

        let line = line(|| drop(block_on(service.oneshot(request(method, "/")))));

        assert_says(
            &line,
            &[
                &format!("http.response.status_code={status}"),
                "http.response.body.size=0",
            ],
        );
    }
}

#[test]
fn a_body_that_fails_is_aborted() {
    let service = AccessLogLayer::new().layer(service_fn(async |_: Request<()>| {
        let broken = stream::iter([Err::<Frame<Bytes>, _>(io::ErrorKind::Other)]);
        Ok::<_, Infallible>(Response::new(StreamBody::new(broken)))
    }));

    let line = line(|| {
        let response = block_on(service.oneshot(get())).unwrap();
        assert!(block_on(response.into_body().collect()).is_err());
    });

    assert_says(
        &line,
        &[
            "http.response.status_code=200",
            "http.response.body.size=0",
            "error.type=\"aborted\"",
        ],
    );
}

#[test]
fn an_error_of_the_service_has_a_line_without_a_status() {
    let service = AccessLogLayer::new().layer(service_fn(|_: Request<()>| {
        ready(Err::<Response<Empty<Bytes>>, _>(io::ErrorKind::Other))
    }));

    let line = line(|| assert!(block_on(service.oneshot(get())).is_err()));

    assert_says(
        &line,
        &["error.type=\"error\"", "http.response.body.size=0"],
    );
}

#[test]
fn a_panic_below_has_a_line_without_a_status() {
    fn at_once(_: Request<()>) -> std::future::Ready<Result<Response<Empty<Bytes>>, Infallible>> {
        panic!("a handler")
    }
    async fn later(_: Request<()>) -> Result<Response<Empty<Bytes>>, Infallible> {
        panic!("a handler")
    }
    fn panics<S: Service<Request<()>>>(service: S) {
        let serve = || drop(block_on(service.oneshot(get())));
        assert!(catch_unwind(AssertUnwindSafe(serve)).is_err());
    }
    let layer = AccessLogLayer::new();

    let lines = [
        line(|| panics(layer.layer(service_fn(at_once)))),
        line(|| panics(layer.layer(service_fn(later)))),
    ];

    for line in lines {
        assert_says(
            &line,
            &["error.type=\"panic\"", "http.response.body.size=0"],
        );
    }
}

#[test]
fn a_subscriber_that_panics_costs_only_the_line() {
    let layer = AccessLogLayer::new();
    let responds = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(hello()))
    }));
    let panics = layer.layer(service_fn(
        async |_: Request<()>| -> Result<Response<Empty<Bytes>>, Infallible> {
            panic!("a handler")
        },
    ));

    with_broken_subscriber(|| {
        let response = block_on(responds.oneshot(get())).unwrap();
        let body = block_on(response.into_body().collect()).unwrap();
        assert_eq!(body.to_bytes(), "hello");
        // A second panic that is not caught while the first unwinds would abort these tests.
        let serve = || drop(block_on(panics.oneshot(get())));
        assert!(catch_unwind(AssertUnwindSafe(serve)).is_err());
    });
}

#[test]
fn what_a_client_sends_is_cut() {
    let service = AccessLogLayer::new().layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    }));
    let method = Method::from_bytes("A".repeat(300_000).as_bytes()).unwrap();
    let path = format!("/{}", "é".repeat(3000));

    let line = line(|| drop(block_on(service.oneshot(request(method, &path)))));

    let path = format!("url.path=\"/{}\"", "é".repeat(99));
    assert_says(
        &line,
        &[
            &format!("http.request.method={}", "A".repeat(32)),
            &path,
            "http.response.status_code=200",
        ],
    );
    assert!(line.len() < 1000, "{line}");
}

#[test]
fn a_half_closed_connection_has_its_line() {
    let service = AccessLogLayer::new().layer(service_fn(async |_: Request<Incoming>| {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(Response::new(hello()))
    }));
    let exchange = async {
        let (mut client, stream) = duplex(1024);
        let mut server = auto::Builder::new(TokioExecutor::new());
        server.http1().half_close(true);
        let service = TowerToHyperService::new(service);
        let connection = server.serve_connection(TokioIo::new(stream), service);
        let client = async {
            client
                .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
                .await?;
            client.shutdown().await?;
            let mut response = String::new();
            client.read_to_string(&mut response).await?;
            io::Result::Ok(response)
        };
        tokio::join!(client, connection).0
    };

    let mut response = String::new();
    let line = line(|| response = block_on(exchange).unwrap());

    assert!(response.ends_with("hello"), "{response}");
    assert_says(
        &line,
        &["http.response.status_code=200", "http.response.body.size=5"],
    );
}

#[test]
fn a_request_whose_line_nobody_reads_is_served_all_the_same() {
    let service = AccessLogLayer::new().layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(hello()))
    }));

    let mut body = Bytes::new();
    let lines = warnings(|| {
        let response = block_on(service.oneshot(get())).unwrap();
        body = block_on(response.into_body().collect()).unwrap().to_bytes();
    });

    assert_eq!(body, "hello");
    assert_eq!(lines, [""; 0]);
}
