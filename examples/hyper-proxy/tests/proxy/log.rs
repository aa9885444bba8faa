//! What is logged, and that nothing waits for it.

use std::fs::File;
use std::io;
use std::io::Read;
use std::process::Stdio;

use http::Request;
use tower_edge_tests::{Client, Nobody};

use crate::proxy;

#[tokio::test]
async fn each_request_has_a_line() {
    let upstream = Nobody::new();
    let (mut log, stderr) = io::pipe().unwrap();
    let proxy = proxy::logging_to(stderr, &upstream.url, &[]).await;
    for (client, id) in [(Client::http_1(), "one"), (Client::http_2(), "two")] {
        let request = Request::get(proxy.url("/a?secret")).header("x-correlation-id", id);
        assert_eq!(client.send(request).await.status, 502);
    }

    proxy.signal("TERM").await;
    let (status, ..) = proxy.end().await;
    let mut lines = String::new();
    log.read_to_string(&mut lines).unwrap();

    assert_eq!(status.code(), Some(0));
    for id in ["one", "two"] {
        let id = format!("correlation.id=\"{id}\"");
        let is_access = |line: &&str| line.contains("tower_edge::access") && line.contains(&id);
        let lines: Vec<_> = lines.lines().filter(is_access).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].contains("url.path=\"/a\" http.response.status_code=502"),
            "{lines:?}"
        );
    }
    assert!(!lines.contains("secret"), "{lines}");
}

#[tokio::test]
async fn a_log_that_takes_nothing_stops_nothing() {
    let (_unread, writer) = io::pipe().unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let upstream = Nobody::new();
    for log in [Stdio::from(writer), Stdio::from(full)] {
        let proxy = proxy::logging_to(log, &upstream.url, &["--limit", "100000/1m"]).await;
        let client = Client::http_1();
        // Several times what fills the 64 KiB of a pipe.
        for _ in 0..1200 {
            assert_eq!(client.send(Request::get(proxy.url("/"))).await.status, 502);
        }

        proxy.signal("TERM").await;
        let (status, stdout, _) = proxy.end().await;

        assert_eq!(status.code(), Some(0));
        assert_eq!(stdout, "");
    }
}
