//! What is logged.

use std::net::Shutdown;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tower_edge_tests::Client;

use crate::support::{Gateway, PATIENCE, PROTOCOLS, Protocol, command, read_response};

#[tokio::test]
async fn every_request_has_one_line_with_what_happened() {
    let gateway = Gateway::with(&["--limit", "burst=8/1h", "--timeout", "200ms"]).await;
    let rows = [
        ("/healthz", None, 200),
        ("/nope", None, 404),
        ("/medianest/api/media/7", None, 200),
        ("/medianest/api/media/101", None, 404),
        ("/problem/api/media/abc", None, 422),
        ("/ads/api/private", None, 401),
        ("/plexmcp/api/upstream/slow", None, 504),
        ("/plexichat/api/upstream/refused", None, 503),
        ("/routermcp/api/panic", None, 500),
        ("/problem/api/media/7", Some("1.0.0"), 426),
        ("/problem/api/media/7", Some("nonsense"), 400),
        ("/problem/api/media/7", None, 200),
        ("/problem/api/media/7", None, 429),
    ];
    let mut sent = Vec::new();

    for protocol in PROTOCOLS {
        for (index, (path, version, status)) in rows.into_iter().enumerate() {
            let id = format!("log-{protocol:?}-{index}-x");
            let ask = gateway.get(path).over(protocol);
            let ask = ask.header("x-correlation-id", &id);
            let ask = ask.header("x-api-key", format!("key-{protocol:?}"));
            let ask = match version {
                Some(version) => ask.header("x-client-version", version),
                None => ask,
            };
            assert_eq!(ask.send().await.status, status, "{path}");
            sent.push((id, status));
        }
    }
    gateway.signal("TERM").await;
    let (_, stdout, stderr) = gateway.end().await;

    assert_eq!(stdout, "");
    for (id, status) in sent {
        let is_access = |line: &&str| line.contains(" request ") && line.contains(&id);
        let lines: Vec<_> = stderr.lines().filter(is_access).collect();
        assert_eq!(lines.len(), 1, "{id}: {lines:?}");
        let line = lines[0];
        assert!(line.contains(&format!("status_code={status}")), "{line}");
        assert!(line.contains("duration"), "{line}");
        assert_eq!(line.contains("problem.key="), status >= 400, "{line}");
    }
}

#[tokio::test]
async fn a_tool_that_fails_is_logged_with_its_cause() {
    let gateway = Gateway::hasty().await;
    for prefix in ["/ads", "/routermcp"] {
        for tool in ["media.broken", "media.slow"] {
            let call = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#
            );
            let ask = gateway.post(&format!("{prefix}/mcp"), call);
            let ask = ask.header("x-correlation-id", format!("{tool}-{}", &prefix[1..]));
            assert_eq!(ask.send().await.status, 200);
        }
    }

    gateway.signal("TERM").await;
    let (_, _, stderr) = gateway.end().await;

    for prefix in ["ads", "routermcp"] {
        for (tool, text) in [
            (
                "media.broken",
                "exception.message=upstream responded with 500",
            ),
            ("media.slow", "problem.key=\"upstream_timeout\""),
        ] {
            let id = format!("{tool}-{prefix}");
            let is_failure = |line: &&str| line.contains("tool failed") && line.contains(&id);
            let lines: Vec<_> = stderr.lines().filter(is_failure).collect();
            assert_eq!(lines.len(), 1, "{id}: {stderr}");
            assert!(lines[0].contains(text), "{}", lines[0]);
        }
    }
}

/// Over HTTP/1.1, who leaves looks like who has only sent all: it is not known until the response is
/// written.
#[tokio::test]
async fn a_client_that_leaves_has_a_line_too() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let gateway = Gateway::with(&["--timeout", "200ms", "--upstream", &url]).await;
    let mut client = TcpStream::connect(gateway.address).await.unwrap();
    let request =
        b"GET /problem/api/upstream/ok HTTP/1.1\r\nhost: a\r\nx-correlation-id: left\r\n\r\n";
    client.write_all(request).await.unwrap();
    let (_upstream, _) = timeout(PATIENCE, silent.accept()).await.unwrap().unwrap();

    drop(client);
    let line = only_line(gateway, "left").await;

    assert!(line.contains("status_code=504"), "{line}");
}

#[tokio::test]
async fn a_half_closed_request_has_its_response_and_a_line() {
    let gateway = Gateway::start().await;
    let mut client = TcpStream::connect(gateway.address).await.unwrap();
    let request =
        b"GET /problem/api/upstream/ok HTTP/1.1\r\nhost: a\r\nx-correlation-id: half\r\n\r\n";
    client.write_all(request).await.unwrap();

    client.shutdown().await.unwrap();
    let response = read_response(&mut client).await;

    assert_eq!(response.status, 200);
    let line = only_line(gateway, "half").await;
    assert!(line.contains("status_code=200"), "{line}");
}

#[tokio::test]
async fn a_client_that_resets_its_stream_has_a_line_too() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let gateway = Gateway::with(&["--timeout", "1h", "--upstream", &url]).await;
    let ask = gateway.get("/problem/api/upstream/ok");
    let ask = ask.header("x-correlation-id", "left");

    // What is not waited for any more is reset, and its connection kept.
    let mut upstream = tokio::select! {
        _ = ask.over(Protocol::Http2).begin() => panic!("nobody responds"),
        accepted = silent.accept() => accepted.unwrap().0,
    };
    let mut rest = Vec::new();
    let given_up = timeout(PATIENCE, upstream.read_to_end(&mut rest)).await;
    given_up.expect("an end in time").unwrap();

    let line = only_line(gateway, "left").await;
    assert!(line.contains("error.type=\"aborted\""), "{line}");
}

#[tokio::test]
async fn a_client_that_loses_its_connection_has_a_line_too() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let gateway = Gateway::with(&["--timeout", "1h", "--upstream", &url]).await;
    let stream = TcpStream::connect(gateway.address).await.unwrap();
    let stream = stream.into_std().unwrap();
    let cable = stream.try_clone().unwrap();
    let stream = TcpStream::from_std(stream).unwrap();
    let client = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
    let (mut client, connection) = client.unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!(
        "http://{}/problem/api/upstream/ok",
        gateway.address
    ));
    let request = request.header("x-correlation-id", "left");
    let response = client.send_request(request.body(Empty::<Bytes>::new()).unwrap());
    let response = tokio::spawn(response);
    let (mut upstream, _) = timeout(PATIENCE, silent.accept()).await.unwrap().unwrap();

    cable.shutdown(Shutdown::Both).unwrap();
    let mut rest = Vec::new();
    let given_up = timeout(PATIENCE, upstream.read_to_end(&mut rest)).await;
    given_up.expect("an end in time").unwrap();

    assert!(response.await.unwrap().is_err());
    let line = only_line(gateway, "left").await;
    assert!(line.contains("error.type=\"aborted\""), "{line}");
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_has_a_line_with_what_was_sent() {
    for protocol in PROTOCOLS {
        let gateway = Gateway::start().await;
        let ask = gateway.get("/ads/api/upstream/stream").over(protocol);
        let mut response = ask.header("x-correlation-id", "left").begin().await;
        let first = response
            .body_mut()
            .frame()
            .await
            .expect("an event")
            .unwrap();
        assert!(first.is_data());

        drop(response);
        let line = only_line(gateway, "left").await;

        assert!(line.contains("status_code=200"), "{line}");
        assert!(line.contains("error.type=\"aborted\""), "{line}");
        assert!(!line.contains("body.size=0"), "{line}");
    }
}

/// The line of the only request with this id, once the gateway has ended.
async fn only_line(gateway: Gateway, id: &str) -> String {
    gateway.signal("TERM").await;
    let (_, _, stderr) = gateway.end().await;
    let is_access = |line: &&str| line.contains(" request ") && line.contains(id);
    let lines: Vec<_> = stderr.lines().filter(is_access).collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    lines[0].to_owned()
}

#[tokio::test]
async fn keys_and_queries_are_in_no_line_of_ours_and_in_no_metric() {
    let mut command = command();
    command.env("RUST_LOG", "info,gateway=trace,tower_edge=trace");
    command.args(["--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"]);
    command.args(["--limit", "burst=2/1h", "--timeout", "200ms"]);
    let gateway = Gateway::run(command).await;
    let fields = [
        ("authorization", "Bearer secret-1"),
        ("cookie", "session=secret-2"),
        ("x-api-key", "secret-3"),
        ("x-client-version", "not a version: secret-4"),
        ("x-correlation-id", "not an id: secret-5"),
    ];
    for (path, fields) in [
        ("/ads/api/private", &fields[..3]),
        ("/problem/api/media/abc", &fields[..3]),
        ("/problem/api/media/7", &fields[..3]),
        ("/problem/api/media/7", &fields),
        ("/plexmcp/api/upstream/slow", &fields[..2]),
        ("/routermcp/api/error", &fields[1..2]),
    ] {
        let path = format!("{path}?token=secret-6");
        gateway.get(&path).headers(fields).send().await;
    }
    let call = r#"{"jsonrpc":"2.0","id":"secret-7","method":"secret-8"}"#;
    gateway.post("/ads/mcp", call).send().await;
    let metrics = Request::get(gateway.metrics().expect("a listener for metrics"));
    let metrics = Client::http_1().send(metrics).await;

    gateway.signal("TERM").await;
    let (_, _, stderr) = gateway.end().await;

    assert!(stderr.contains("/ads/api/private"), "{stderr}");
    assert!(stderr.contains("rate limit exceeded"), "{stderr}");
    assert!(metrics.text().contains("tower_edge_problems_total"));
    for text in [&*stderr, metrics.text()] {
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_hostile_path_is_one_line_and_a_short_one() {
    let gateway = Gateway::with(&[]).await;
    let path = format!("/nope/%0A%1B[31m{}", "a".repeat(10_000));
    gateway.get(&path).send().await;

    gateway.signal("TERM").await;
    let (_, _, stderr) = gateway.end().await;

    let lines: Vec<_> = stderr
        .lines()
        .filter(|line| line.contains(" request "))
        .collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    assert!(
        lines[0].len() < 1000 && !lines[0].contains('\u{1b}'),
        "{stderr}"
    );
}

#[tokio::test]
async fn a_method_of_many_letters_is_cut() {
    let gateway = Gateway::with(&[]).await;
    for (protocol, letters) in [(Protocol::Http1, 300_000), (Protocol::Http2, 100_000)] {
        let method = Method::from_bytes("A".repeat(letters).as_bytes()).unwrap();
        let ask = gateway.ask(method, "/problem/api/media/7").over(protocol);
        let ask = ask.header("x-correlation-id", format!("long-{protocol:?}"));
        assert_eq!(ask.send().await.status, 405);
    }

    gateway.signal("TERM").await;
    let (_, _, stderr) = gateway.end().await;

    for protocol in PROTOCOLS {
        assert!(
            stderr.contains(&format!("long-{protocol:?}")),
            "{protocol:?}"
        );
    }
    assert!(stderr.len() < 4000, "{} bytes of log", stderr.len());
}

#[tokio::test]
async fn a_panic_is_logged_on_one_line_with_its_place() {
    let gateway = Gateway::with(&[]).await;
    gateway.get("/routermcp/api/panic").send().await;

    gateway.signal("TERM").await;
    let (_, _, stderr) = gateway.end().await;

    let place = "panicked at examples/gateway/src/routes/handlers.rs:";
    let panics: Vec<_> = stderr
        .lines()
        .filter(|line| line.starts_with(place))
        .collect();
    assert_eq!(panics.len(), 1, "{stderr}");
    assert!(panics[0].ends_with(": the password is hunter2"), "{stderr}");
}
