//! Responses whose bodies come bit by bit.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::support::{Gateway, PATIENCE, PROTOCOLS, at};

#[tokio::test]
async fn an_event_stream_is_five_events_as_they_come() {
    let gateway = Gateway::with(&["--timeout", "1s"]).await;
    let paths: Vec<_> = at("/api/upstream/stream").collect();
    let asks = PROTOCOLS.into_iter().flat_map(|protocol| {
        let gateway = &gateway;
        paths.iter().map(move |(_, path)| async move {
            let started = Instant::now();
            let mut response = gateway.get(path).over(protocol).begin().await;
            assert_eq!(response.status(), 200);
            let content_type = response.headers()["content-type"].to_str().unwrap();
            assert!(
                content_type.starts_with("text/event-stream"),
                "{content_type}"
            );
            assert!(response.headers().contains_key("x-correlation-id"));
            let mut events = String::new();
            let mut arrivals = Vec::new();
            while let Some(frame) = response.body_mut().frame().await {
                if let Ok(data) = frame.expect("a stream that ends well").into_data() {
                    events.push_str(std::str::from_utf8(&data).unwrap());
                    arrivals.push(started.elapsed());
                }
            }

            let count = events
                .split("\n\n")
                .filter(|event| !event.trim().is_empty())
                .count();
            assert_eq!(count, 5, "{events}");
            assert!(!events.contains("success"), "{events}");
            let (first, last) = (arrivals[0], arrivals[arrivals.len() - 1]);
            assert!(last - first >= Duration::from_millis(900), "{arrivals:?}");
        })
    });

    timeout(PATIENCE, futures_util::future::join_all(asks))
        .await
        .expect("ends in time");
}

/// The timeout is on the head and on silence; this stream takes longer and is never silent for long.
#[tokio::test]
async fn a_stream_may_take_longer_than_the_timeout() {
    let gateway = Gateway::with(&["--timeout", "700ms"]).await;

    let response = gateway.get("/problem/api/upstream/stream").send_unchecked();

    assert_eq!(response.await.status, 200);
}

#[tokio::test]
async fn a_stall_is_a_head_and_a_chunk_and_then_a_break() {
    let gateway = Gateway::hasty().await;

    for protocol in PROTOCOLS {
        for (_, path) in at("/api/upstream/stall") {
            let started = Instant::now();
            let mut response = gateway.get(&path).over(protocol).begin().await;
            assert_eq!(response.status(), 200);
            let first = response.body_mut().frame().await.expect("a chunk");
            assert!(!first.unwrap().into_data().unwrap().is_empty());
            let next = timeout(PATIENCE, response.body_mut().frame()).await;
            let next = next.expect("a break in time");

            assert!(matches!(next, Some(Err(_))), "{next:?}");
            let took = started.elapsed();
            assert!(took >= Duration::from_millis(200), "{took:?}");
            assert!(took < Duration::from_secs(2), "{took:?}");
        }
    }
    assert_eq!(gateway.get("/healthz").send().await.status, 200);
}

/// A chunked body that is cut has no last chunk, so that no client takes it for whole.
#[tokio::test]
async fn a_stall_has_no_last_chunk() {
    let gateway = Gateway::hasty().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let request = b"GET /ads/api/upstream/stall HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(request).await.unwrap();

    let mut response = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut response)).await;

    let _ = read.expect("an end in time");
    let response = String::from_utf8(response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    assert!(
        response.contains("transfer-encoding: chunked"),
        "{response}"
    );
    assert!(!response.ends_with("0\r\n\r\n"), "{response}");
}

#[tokio::test]
async fn head_of_a_stream_ends_at_once() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for path in ["/ads/api/upstream/stream", "/ads/api/upstream/stall"] {
            let ask = gateway.ask(http::Method::HEAD, path).over(protocol);
            let response = ask.send().await;

            assert_eq!((response.status, response.body.len()), (200, 0));
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_harms_nobody_else() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for _ in 0..10 {
            drop(
                gateway
                    .get("/ads/api/upstream/stream")
                    .over(protocol)
                    .begin()
                    .await,
            );
        }
        let next = gateway.get("/ads/api/media/7").over(protocol).send().await;
        assert_eq!(next.status, 200);
    }
}
