//! How the process ends.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::support::{Gateway, PATIENCE, PROTOCOLS, Protocol};

const PROMPT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_signal_ends_an_idle_gateway_promptly() {
    for signal in ["TERM", "INT"] {
        let gateway = Gateway::with(&[]).await;
        let silent = TcpStream::connect(gateway.address).await.unwrap();
        for protocol in PROTOCOLS {
            // Its connection is kept for a next request.
            gateway.get("/healthz").over(protocol).send().await;
        }

        let started = Instant::now();
        gateway.signal(signal).await;
        let (status, stdout, _) = gateway.end().await;

        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(started.elapsed() < PROMPT, "{:?}", started.elapsed());
        assert_eq!(stdout, "", "stdout has one line");
        drop(silent);
    }
}

#[tokio::test]
async fn a_signal_that_comes_at_once_ends_it_too() {
    for _ in 0..5 {
        let gateway = Gateway::with(&[]).await;

        gateway.signal("TERM").await;

        assert_eq!(gateway.end().await.0.code(), Some(0));
    }
}

#[tokio::test]
async fn a_response_that_is_under_way_is_finished() {
    for protocol in PROTOCOLS {
        let gateway = Gateway::with(&[]).await;
        let ask = gateway.get("/ads/api/upstream/stream").over(protocol);
        let mut response = ask.begin().await;
        let first = response
            .body_mut()
            .frame()
            .await
            .expect("an event")
            .unwrap();
        let mut events = first.into_data().unwrap().to_vec();

        gateway.signal("TERM").await;
        let rest = timeout(PATIENCE, response.into_body().collect()).await;
        let rest = rest.expect("an end in time").expect("a whole stream");
        events.extend(rest.to_bytes());
        let started = Instant::now();
        let (status, ..) = gateway.end().await;

        assert_eq!(status.code(), Some(0), "{protocol:?}");
        assert!(started.elapsed() < PROMPT, "{protocol:?}");
        let events = String::from_utf8(events).unwrap();
        assert_eq!(events.matches("data:").count(), 5, "{events}");
    }
}

#[tokio::test]
async fn a_request_that_is_under_way_gets_its_response_and_new_ones_are_not_taken() {
    for protocol in PROTOCOLS {
        let gateway = Gateway::with(&["--timeout", "1s"]).await;
        // A whole response first, so that the connection is open when the signal comes.
        gateway.get("/healthz").over(protocol).send().await;
        let slow = gateway.get("/ads/api/upstream/slow").over(protocol).send();
        let stop = async {
            let event = gateway
                .get("/ads/api/upstream/stream")
                .over(Protocol::Http1);
            let mut event = event.begin().await;
            let _ = event.body_mut().frame().await;
            gateway.signal("TERM").await;
            let closed = async { while TcpStream::connect(gateway.address).await.is_ok() {} };
            timeout(PATIENCE, closed)
                .await
                .expect("a closed port in time");
            event.into_body().collect().await.expect("a whole stream");
        };

        let (response, ()) = tokio::join!(slow, stop);

        assert_eq!(response.status, 504, "{protocol:?}");
        assert_eq!(gateway.end().await.0.code(), Some(0));
    }
}

#[tokio::test]
async fn what_does_not_end_is_cut_after_ten_seconds() {
    let gateway = Gateway::with(&["--timeout", "1h"]).await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let request = b"GET /ads/api/upstream/stall HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(request).await.unwrap();
    timeout(PATIENCE, stream.read_u8())
        .await
        .expect("a head in time")
        .unwrap();

    let started = Instant::now();
    gateway.signal("TERM").await;
    let (status, ..) = gateway.end().await;

    let took = started.elapsed();
    assert_eq!(status.code(), Some(0));
    assert!(
        took >= Duration::from_secs(9) && took < Duration::from_secs(13),
        "{took:?}"
    );
}
