//! `--upstream`, with an upstream that the test plays.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;

use crate::support::{Gateway, TestResponse, at, rows};

const TOOL_CALL: &str =
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"media.search"}}"#;

/// Responds to every request with the same bytes, and reports the requests.
struct Upstream {
    address: SocketAddr,
    received: mpsc::UnboundedReceiver<String>,
}

impl Upstream {
    async fn responding(response: impl Into<String>) -> Self {
        let response = response.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asks, received) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = asks.send(exchange(stream, &response).await);
            }
        });
        Self { address, received }
    }

    async fn gateway(&self, base: &str) -> Gateway {
        let url = format!("http://{}{base}", self.address);
        let limit = ["--limit", "burst=100000/1m", "--timeout", "10s"];
        Gateway::with(&[&["--upstream", &url], &limit[..]].concat()).await
    }
}

async fn exchange(mut stream: TcpStream, response: &str) -> String {
    let head = read_head(&mut stream).await;
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
    head
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            break;
        };
        head.push(byte);
    }
    String::from_utf8(head).unwrap()
}

fn json(status: &str, fields: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n{fields}\
         content-length: {length}\r\n\r\n{body}"
    )
}

async fn ask(upstream: &Upstream) -> TestResponse {
    let gateway = upstream.gateway("").await;
    gateway.get("/problem/api/upstream/ok").send().await
}

#[tokio::test]
async fn it_is_called_with_the_path_below_its_url() {
    for (base, under) in [("", ""), ("/", ""), ("/base", "/base"), ("/base/", "/base")] {
        let mut upstream = Upstream::responding(json("200 OK", "", "{}")).await;
        let gateway = upstream.gateway(base).await;

        for (path, received) in [
            ("/api/media/7", "/media/7"),
            ("/api/upstream/ok", "/ok"),
            ("/api/upstream/slow", "/slow"),
            ("/api/upstream/refused", "/refused"),
            ("/api/upstream/ok?secret=1", "/ok"),
        ] {
            let response = gateway.get(&format!("/ads{path}")).send().await;

            assert_eq!((response.status, response.text()), (200, "{}"), "{path}");
            let head = upstream.received.recv().await.unwrap();
            let line = head.lines().next().unwrap();
            let line = line.split('?').next().unwrap().replace(" HTTP/1.1", "");
            assert_eq!(line, format!("GET {under}{received}"));
        }
    }
}

#[tokio::test]
async fn it_is_sent_its_own_host() {
    let mut upstream = Upstream::responding(json("200 OK", "", "{}")).await;
    let gateway = upstream.gateway("").await;

    gateway.get("/ads/api/upstream/ok").send().await;

    let head = upstream.received.recv().await.unwrap().to_ascii_lowercase();
    let host = format!("\r\nhost: {}\r\n", upstream.address);
    assert!(head.contains(&host), "{head}");
}

#[tokio::test]
async fn its_fields_do_not_pass_for_ours() {
    let fields = "x-correlation-id: theirs\r\nset-cookie: a=b\r\nx-ratelimit-limit: 1\r\n\
                  retry-after: 9\r\naccess-control-allow-origin: https://evil.example\r\n\
                  server: theirs\r\n";
    let upstream = Upstream::responding(json("200 OK", fields, r#"{"ok":true}"#)).await;
    let gateway = upstream.gateway("").await;

    for (prefix, path) in at("/api/upstream/ok") {
        let response = gateway.get(&path).send().await;

        assert_ne!(response.field("x-correlation-id"), "theirs");
        assert!(
            !response.has("retry-after") && !response.has("set-cookie"),
            "{response:?}"
        );
        crate::support::assert_limit_fields(prefix, &response);
        if prefix != "/problem" {
            assert_eq!(response.number("x-ratelimit-limit"), 100_000);
        }
    }
}

#[tokio::test]
async fn a_response_that_is_no_good_is_its_fault() {
    let large = format!("\"{}\"", "a".repeat(4 * 1024 * 1024));
    let responses = [
        "nonsense\r\n\r\n".to_owned(),
        String::new(),
        json("200 OK", "", "<html>"),
        json("200 OK", "", ""),
        json("200 OK", "", &large),
        json("200 OK", "", "{}").replace("content-length: 2", "content-length: 100"),
        json("301 Moved", "location: http://127.0.0.1/\r\n", "{}"),
        json("400 Bad Request", "", r#"{"secret": "hunter2"}"#),
        json("401 Unauthorized", "www-authenticate: Basic\r\n", "{}"),
        json("403 Forbidden", "", "{}"),
        json("500 Internal Server Error", "", r#"{"secret": "hunter2"}"#),
        json("503 Service Unavailable", "", "{}"),
        json("504 Gateway Timeout", "", "{}"),
    ];

    for bytes in responses {
        let upstream = Upstream::responding(bytes.clone()).await;
        let gateway = upstream.gateway("").await;

        for (prefix, path) in at("/api/upstream/ok") {
            let response = gateway.get(&path).send().await;

            let bytes: String = bytes.chars().take(80).collect();
            assert_eq!(response.status, 502, "{bytes:?}: {response:?}");
            rows::FAILED.assert(prefix, &response);
            assert!(!response.has("www-authenticate") && !response.has("location"));
        }
    }
}

#[tokio::test]
async fn a_body_that_stops_is_504() {
    let bytes = json("200 OK", "", "{}").replace("content-length: 2", "content-length: 100");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let gateway = Gateway::with(&["--upstream", &url, "--timeout", "200ms"]).await;
    let upstream = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    };

    tokio::select! {
        () = upstream => unreachable!(),
        response = gateway.get("/plexmcp/api/media/7").send() => {
            rows::SLOW.assert("/plexmcp", &response);
        }
    }
}

#[tokio::test]
async fn its_404_is_ours_for_a_medium() {
    let upstream = Upstream::responding(json("404 Not Found", "", "{}")).await;
    let gateway = upstream.gateway("").await;

    for (prefix, path) in at("/api/media/101") {
        rows::MEDIUM_101.assert(prefix, &gateway.get(&path).send().await);
    }
}

#[tokio::test]
async fn its_429_is_our_503_with_a_wait_that_every_client_can_read() {
    let late = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(9_999_999_999));
    for (field, wait) in [
        ("retry-after: 7\r\n", Some(7)),
        ("retry-after: 1\r\n", Some(1)),
        ("retry-after: 86400\r\n", Some(86_400)),
        ("retry-after: 999999999\r\n", Some(86_400)),
        ("", None),
        ("retry-after: 0\r\n", None),
        ("retry-after: 1.5\r\n", None),
        ("retry-after: -1\r\n", None),
        ("retry-after: soon\r\n", None),
        ("retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n", None),
        ("retry-after: 99999999999999999999\r\n", None),
        (&format!("retry-after: {late}\r\n"), Some(86_400)),
    ] {
        let upstream = Upstream::responding(json("429 Too Many Requests", field, "{}")).await;

        let response = ask(&upstream).await;

        assert_eq!(response.status, 503, "{field}: {response:?}");
        let seconds = response.number("retry-after");
        assert!(
            seconds >= 1 && wait.is_none_or(|wait| wait == seconds),
            "{field}: {seconds}"
        );
    }
}

#[tokio::test]
async fn its_status_is_all_that_development_shows_of_it() {
    for (status, number) in [("429 Too Many", 429), ("400 Bad", 400), ("503 Down", 503)] {
        let body = r#"{"error":{"code":"THEIR_CODE","message":"their text"}}"#;
        let upstream = Upstream::responding(json(status, "", body)).await;
        let url = format!("http://{}", upstream.address);
        let gateway = Gateway::with(&["--upstream", &url, "--development"]).await;

        let response = gateway.get("/problem/api/upstream/ok").send().await;

        assert_eq!(response.json()["upstream_status"], number, "{response:?}");
        assert!(!response.text().contains("THEIR_CODE"), "{response:?}");
        assert!(!response.text().contains("their text"), "{response:?}");
    }
}

#[tokio::test]
async fn whatever_it_says_to_a_tool_is_one_code_and_its_404_no_error_in_the_log() {
    for (status, is_error) in [
        ("404 Not Found", false),
        ("429 Too Many Requests", true),
        ("503 Service Unavailable", true),
    ] {
        let upstream = Upstream::responding(json(status, "retry-after: 7\r\n", "{}")).await;
        let gateway = upstream.gateway("").await;

        let rpc = gateway
            .post("/routermcp/mcp", TOOL_CALL)
            .send()
            .await
            .json();
        let ads = gateway.post("/ads/mcp", TOOL_CALL).send().await.json();
        gateway.signal("TERM").await;
        let (_, _, stderr) = gateway.end().await;

        assert_eq!(rpc["error"]["code"], -32004, "{status}: {rpc}");
        let wait = &rpc["error"]["data"]["retryAfter"];
        assert_eq!(*wait == 7, status.starts_with("429"), "{status}: {rpc}");
        assert_eq!(ads["result"]["isError"], true, "{status}: {ads}");
        let is_failure = |line: &&str| line.contains("tool failed");
        let failures: Vec<_> = stderr.lines().filter(is_failure).collect();
        assert_eq!(failures.len(), if is_error { 2 } else { 0 }, "{stderr}");
    }
}

#[tokio::test]
async fn the_coding_of_a_stream_is_sent() {
    let upstream = Upstream::responding(json("200 OK", "content-encoding: gzip\r\n", "x")).await;
    let gateway = upstream.gateway("").await;

    let response = gateway.get("/ads/api/upstream/stream").send().await;

    assert_eq!(response.field("content-encoding"), "gzip", "{response:?}");
}

#[tokio::test]
async fn nobody_at_its_address_is_unreachable() {
    // A port that is taken and not listened on; one that is let go could be another test's.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    let gateway = Gateway::with(&["--upstream", &url]).await;

    for path in ["/api/media/7", "/api/upstream/ok", "/api/upstream/stream"] {
        for (prefix, path) in at(path) {
            let ask = gateway.get(&path).header("x-api-key", &path);

            rows::REFUSED.assert(prefix, &ask.send().await);
        }
    }
    let rpc = gateway.post("/routermcp/mcp", TOOL_CALL).send().await;
    assert_eq!(rpc.json()["error"]["code"], -32004, "{rpc:?}");
}
