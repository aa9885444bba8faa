use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_test::block_on;
use tower::{ServiceExt, service_fn};
use tower_edge_core::Problem;
use tower_layer::Layer;

use super::ValidRequestLayer;

/// The response to a request on this version, for this target, with these fields.
fn response(version: Version, target: &str, fields: &[(&'static str, &str)]) -> Response<String> {
    let service = ValidRequestLayer::new().layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(String::from("served")))
    }));
    let mut request = Request::new(());
    *request.version_mut() = version;
    *request.uri_mut() = target.parse::<Uri>().unwrap();
    for (name, value) in fields {
        let name = HeaderName::from_static(name);
        request.headers_mut().append(name, value.parse().unwrap());
    }
    block_on(service.oneshot(request)).unwrap()
}

/// Asserts that each request is rejected with this status, and whether the connection is closed.
fn assert_rejected(
    version: Version,
    status: u16,
    closes: bool,
    requests: &[(&str, &[(&'static str, &str)])],
) {
    for (target, fields) in requests {
        let response = response(version, target, fields);

        assert_eq!(response.status(), status, "{target} {fields:?}");
        assert_eq!(response.body(), "", "{target} {fields:?}");
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.status(), status, "{target} {fields:?}");
        let connection = response.headers().get("connection");
        let expected = closes.then_some("close");
        assert_eq!(
            connection.map(|value| value.to_str().unwrap()),
            expected,
            "{target} {fields:?}"
        );
    }
}

fn assert_served(version: Version, requests: &[(&str, &[(&'static str, &str)])]) {
    for (target, fields) in requests {
        let response = response(version, target, fields);

        assert_eq!(response.body(), "served", "{target} {fields:?}");
    }
}

// RFC 9112, section 3.2.
#[test]
fn http_1_1_without_host_or_with_two_or_an_invalid_one_is_400() {
    assert_rejected(
        Version::HTTP_11,
        400,
        false,
        &[
            ("/", &[]),
            ("http://a/", &[]),
            ("/", &[("host", "a"), ("host", "a")]),
            ("/", &[("host", ""), ("host", "a")]),
            ("/", &[("host", "a b")]),
            ("/", &[("host", "a b/c")]),
            ("/", &[("host", "user@a")]),
            ("/", &[("host", "a:80:80")]),
            ("/", &[("host", "a:99999")]),
            ("http://a/", &[("host", "a/b")]),
        ],
    );
}

#[test]
fn a_rejection_says_what_is_wrong() {
    for (fields, expected) in [
        (&[][..], "The request does not name the host that it is for"),
        (
            &[("host", "a"), ("host", "a")],
            "The request has more than one Host field",
        ),
    ] {
        let response = response(Version::HTTP_11, "/", fields);

        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.message(), Some(expected));
    }
}

// RFC 9112, section 3.2: the field is empty where the target has no authority, and only there.
#[test]
fn an_empty_host_is_for_a_target_without_an_authority() {
    assert_served(
        Version::HTTP_11,
        &[("/", &[("host", "")]), ("*", &[("host", "")])],
    );
    assert_rejected(
        Version::HTTP_11,
        400,
        false,
        &[("http://a/", &[("host", "")])],
    );
}

// RFC 9112, section 3.2.2: a server ignores the field where the target has an authority.
#[test]
fn http_1_1_may_have_a_host_that_is_not_that_of_its_target() {
    assert_served(
        Version::HTTP_11,
        &[
            ("/", &[("host", "a:8080")]),
            ("*", &[("host", "[::1]:80")]),
            ("http://a/", &[("host", "a")]),
            ("http://a/", &[("host", "b")]),
        ],
    );
}

#[test]
fn http_1_0_may_have_no_host_but_no_invalid_one() {
    assert_served(Version::HTTP_10, &[("/", &[]), ("/", &[("host", "a")])]);
    assert_rejected(
        Version::HTTP_10,
        400,
        false,
        &[
            ("/", &[("host", "a b")]),
            ("/", &[("host", "a"), ("host", "a")]),
        ],
    );
}

// RFC 9113, section 8.3.1, and RFC 3986, section 6.2.3, for what is the same.
#[test]
fn http_2_has_an_authority_or_a_host_and_both_are_the_same() {
    assert_served(
        Version::HTTP_2,
        &[
            ("https://a/", &[]),
            ("/", &[("host", "a")]),
            ("https://a/", &[("host", "a")]),
            ("https://a/", &[("host", "A:443")]),
            ("http://a:80/", &[("host", "a")]),
            ("https://[::1]:8/", &[("host", "[::1]:8")]),
        ],
    );
    assert_rejected(
        Version::HTTP_2,
        400,
        false,
        &[
            ("/", &[]),
            ("/", &[("host", "")]),
            ("/", &[("host", "a b")]),
            ("/", &[("host", "a"), ("host", "a")]),
            ("https://a/", &[("host", "a"), ("host", "a")]),
            ("https://a/", &[("host", "b")]),
            ("https://a/", &[("host", "")]),
            ("https://a/", &[("host", "a:80")]),
            ("https://a:8443/", &[("host", "a")]),
        ],
    );
}

// RFC 9110, section 4.2.4: user information is an error, as it serves phishing.
#[test]
fn the_authority_of_a_target_is_a_host_with_a_port() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for target in [
            "http://user@a/",
            "http://user:password@a/",
            "http://a:99999/",
        ] {
            let fields: &[(&'static str, &str)] = &[("host", "a")];
            assert_rejected(version, 400, false, &[(target, fields)]);
        }
    }
}

// RFC 9112, sections 6.1 and 6.3.
#[test]
fn a_transfer_encoding_that_is_not_chunked_once_closes_the_connection() {
    let host = ("host", "a");
    let codings = |codings| [host, ("transfer-encoding", codings)];
    for invalid in [
        "",
        ",",
        "gzip",
        "identity",
        "chunked, chunked",
        "chunked,,CHUNKED",
        "chunked, gzip",
        "gzip, chunked, chunked",
        "chunked;q=1",
        "xchunked",
    ] {
        assert_rejected(Version::HTTP_11, 400, true, &[("/", &codings(invalid))]);
    }
    let twice = [
        host,
        ("transfer-encoding", "chunked"),
        ("transfer-encoding", "chunked"),
    ];
    assert_rejected(Version::HTTP_11, 400, true, &[("/", &twice)]);
    for valid in ["chunked", "Chunked", ", chunked ,"] {
        assert_served(Version::HTTP_11, &[("/", &codings(valid))]);
    }
}

// RFC 9112, section 6.1.
#[test]
fn a_transfer_coding_that_is_not_known_is_501() {
    let fields: [&[(&'static str, &str)]; 2] = [
        &[("host", "a"), ("transfer-encoding", "gzip, chunked")],
        &[
            ("host", "a"),
            ("transfer-encoding", "gzip"),
            ("transfer-encoding", "chunked"),
        ],
    ];
    for fields in fields {
        assert_rejected(Version::HTTP_11, 501, true, &[("/", fields)]);
    }
}

// RFC 9112, section 6.3.
#[test]
fn a_length_beside_a_transfer_encoding_is_an_attempt_to_smuggle() {
    let both = [
        ("host", "a"),
        ("transfer-encoding", "chunked"),
        ("content-length", "5"),
    ];

    assert_rejected(Version::HTTP_11, 400, true, &[("/", &both)]);
}

// RFC 9112, section 6.1, and RFC 9113, section 8.2.2.
#[test]
fn only_http_1_1_has_a_transfer_encoding() {
    let chunked: &[(&'static str, &str)] = &[("host", "a"), ("transfer-encoding", "chunked")];

    assert_rejected(Version::HTTP_10, 400, true, &[("/", chunked)]);
    for version in [Version::HTTP_2, Version::HTTP_3] {
        assert_rejected(version, 400, false, &[("/", chunked)]);
    }
}

/// For a server that does not close the connection.
const HANGS: Duration = Duration::from_secs(30);

/// The bytes that hyper's server with the layer sends back, until it closes the connection.
async fn exchange(sent: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = ValidRequestLayer::new().layer(service_fn(async |request: Request<Incoming>| {
        let served = (request.method() == Method::GET).then_some("served");
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(
            served.unwrap_or_default(),
        )))
    }));
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let service = TowerToHyperService::new(service);
        let _ = Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service)
            .await;
    });
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let closed = timeout(HANGS, stream.read_to_end(&mut received)).await;
    assert!(closed.is_ok(), "{}", String::from_utf8_lossy(&received));
    serving.await.unwrap();
    String::from_utf8_lossy(&received).into_owned()
}

#[tokio::test]
async fn hyper_leaves_it_to_the_layer_which_host_a_request_is_for() {
    for (hosts, status) in [
        ("host: a\r\n", StatusCode::OK),
        ("", StatusCode::BAD_REQUEST),
        ("host: a\r\nhost: a\r\n", StatusCode::BAD_REQUEST),
        ("host: a b/c\r\n", StatusCode::BAD_REQUEST),
    ] {
        let sent = format!("GET / HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");

        let received = exchange(&sent).await;

        let line = format!("HTTP/1.1 {} ", status.as_u16());
        assert!(received.starts_with(&line), "{hosts:?}: {received}");
    }
}

#[tokio::test]
async fn a_connection_with_a_request_that_is_chunked_twice_is_closed_by_the_server() {
    for (codings, status) in [
        (
            "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
            400,
        ),
        ("transfer-encoding: chunked, chunked\r\n", 400),
        ("transfer-encoding: gzip, chunked\r\n", 501),
    ] {
        let second = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
        let sent = format!("POST / HTTP/1.1\r\nhost: a\r\n{codings}\r\n0\r\n\r\n{second}");

        let received = exchange(&sent).await;

        let line = format!("HTTP/1.1 {status} ");
        assert!(received.starts_with(&line), "{codings:?}: {received}");
        assert!(received.contains("\r\nconnection: close\r\n"), "{received}");
        assert!(!received.contains("served"), "{received}");
    }
}
