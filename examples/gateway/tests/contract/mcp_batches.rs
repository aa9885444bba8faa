//! What a batch of JSON-RPC costs.

use std::time::UNIX_EPOCH;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_edge_tests::RedisServer;

use crate::support::{Gateway, PATIENCE, PROTOCOLS};

const PREFIXES: [&str; 2] = ["/ads", "/routermcp"];

fn pings(count: usize) -> Value {
    let ping = |id| json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
    (0..count).map(ping).collect()
}

#[tokio::test]
async fn a_batch_costs_as_much_as_its_requests() {
    let gateway = Gateway::with(&["--limit", "hour=1000/1h"]).await;
    let silent = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let mixed = json!([silent, pings(2)[0], silent, 7, pings(2)[1]]);

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            let client = format!("{prefix}{protocol:?}");
            for (body, left) in [
                (pings(10), 990),
                (pings(1), 989),
                (pings(2)[0].clone(), 988),
                (mixed.clone(), 986),
                (json!([silent, silent]), 985),
                (json!([]), 984),
            ] {
                let ask = gateway.post(&format!("{prefix}/mcp"), body.to_string());
                let ask = ask.over(protocol).header("x-api-key", &client);

                assert_eq!(
                    ask.send().await.number("x-ratelimit-remaining"),
                    left,
                    "{body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_batch_of_more_requests_than_are_ever_allowed_is_rejected_for_good() {
    let gateway = Gateway::with(&["--limit", "hour=20/1h"]).await;

    // What each format has for requests that are not valid.
    for (prefix, status, code) in [
        ("/ads", 400, "INVALID_INPUT"),
        ("/routermcp", 200, "-32602"),
    ] {
        let path = format!("{prefix}/mcp");
        let post = |count| gateway.post(&path, pings(count).to_string());
        let rejected = post(21).header("x-api-key", prefix).send().await;
        let largest = post(20).header("x-api-key", prefix).send().await;

        assert_eq!(rejected.status, status, "{rejected:?}");
        assert!(rejected.text().contains(code), "{rejected:?}");
        assert!(!rejected.has("retry-after"), "{rejected:?}");
        assert_eq!(rejected.number("x-ratelimit-remaining"), 20);
        assert_eq!(largest.status, 200, "{largest:?}");
        assert_eq!(largest.number("x-ratelimit-remaining"), 0);
    }
}

#[tokio::test]
async fn a_batch_that_is_not_allowed_now_is_rejected_as_a_whole() {
    let gateway = Gateway::with(&["--limit", "hour=20/1h"]).await;

    for prefix in PREFIXES {
        charge(&gateway, prefix, 15).await;
        let ask = gateway.post(&format!("{prefix}/mcp"), pings(10).to_string());
        let rejected = ask.header("x-api-key", prefix).send().await;

        assert_eq!(rejected.status, 429, "{rejected:?}");
        assert_eq!(rejected.number("x-ratelimit-remaining"), 5);
        // 5 of 10 are left, and one comes back each 180 s.
        let wait = rejected.number("retry-after");
        assert!((4 * 180..=5 * 180).contains(&wait), "{rejected:?}");
        // The smaller one costs what it is, and the one that was rejected nothing.
        charge(&gateway, prefix, 5).await;
    }
}

/// Others may be charged between the head of a post, by which it is let in, and its batch.
#[tokio::test]
async fn a_batch_that_finds_nothing_left_is_rejected_as_a_whole() {
    let gateway = Gateway::with(&["--limit", "hour=20/1h"]).await;

    for prefix in PREFIXES {
        let held = Held::post(&gateway, prefix).await;
        charge(&gateway, prefix, 19).await;
        let rejected = held.finish(&pings(2)).await;

        assert!(rejected.starts_with("HTTP/1.1 429 "), "{rejected}");
        // The post has given its own back.
        assert_eq!(number(&rejected, "x-ratelimit-remaining"), 1);
        let wait = number(&rejected, "retry-after");
        assert!((1..=180).contains(&wait), "{rejected}");
        let reset = number(&rejected, "x-ratelimit-reset") - date(&rejected);
        assert!((18 * 180..=19 * 180 + 1).contains(&reset), "{rejected}");
    }
}

#[tokio::test]
async fn a_batch_that_is_rejected_costs_nothing() {
    let gateway = Gateway::with(&["--limit", "hour=20/1h"]).await;

    for prefix in PREFIXES {
        let mut held = Vec::new();
        for _ in 0..10 {
            held.push(Held::post(&gateway, prefix).await);
        }
        charge(&gateway, prefix, 10).await;
        let mut statuses = Vec::new();
        for post in held {
            let response = post.finish(&pings(11)).await;
            statuses.push(response[9..12].to_owned());
        }

        assert_eq!(statuses, ["429"; 10]);
        // 20 were charged, and each that was rejected gave one back.
        charge(&gateway, prefix, 10).await;
    }
}

/// A gateway waits for Redis no longer than 20 ms, and counts by itself then, so that more may be served.
#[tokio::test]
async fn batches_that_come_at_once_are_limited_in_redis_too() {
    let server = RedisServer::start();
    let gateway = Gateway::with(&["--redis", &server.url(), "--limit", "hour=20/1h"]).await;

    let post = || gateway.post("/ads/mcp", pings(8).to_string()).send();
    let responses = join_all((0..25).map(|_| post())).await;

    let served = responses
        .iter()
        .filter(|response| response.status == 200)
        .count();
    assert!((1..=4).contains(&served), "{served}");
}

/// Charges this key for a batch of so many, which is served.
async fn charge(gateway: &Gateway, key: &str, count: usize) {
    let ask = gateway.post("/ads/mcp", pings(count).to_string());
    let response = ask.header("x-api-key", key).send().await;
    assert_eq!(response.status, 200, "{response:?}");
}

/// A post that has been let in, and whose body has not been sent.
struct Held(TcpStream);

impl Held {
    /// Under a prefix, by a client of the same name.
    async fn post(gateway: &Gateway, prefix: &str) -> Self {
        let mut stream = TcpStream::connect(gateway.address).await.unwrap();
        let head = format!(
            "POST {prefix}/mcp HTTP/1.1\r\nhost: a\r\nx-api-key: {prefix}\r\nexpect: 100-continue\r\n\
             content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // Sent as the handler begins to read.
        let mut received = [0; CONTINUE.len()];
        let read = timeout(PATIENCE, stream.read_exact(&mut received)).await;
        read.expect("a response in time").unwrap();
        assert_eq!(&received, CONTINUE);
        Self(stream)
    }

    /// The response to this body.
    async fn finish(mut self, body: &Value) -> String {
        let body = body.to_string();
        let chunks = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        self.0.write_all(chunks.as_bytes()).await.unwrap();
        let mut received = String::new();
        let read = timeout(PATIENCE, self.0.read_to_string(&mut received)).await;
        read.expect("a response in time").unwrap();
        received
    }
}

fn field<'a>(response: &'a str, name: &str) -> &'a str {
    let start = format!("{name}: ");
    let value = response.lines().find_map(|line| line.strip_prefix(&start));
    value.expect(response)
}

fn number(response: &str, name: &str) -> u64 {
    field(response, name).parse().expect(response)
}

/// When it was sent, in seconds since the Unix epoch.
fn date(response: &str) -> u64 {
    let date = httpdate::parse_http_date(field(response, "date")).expect(response);
    date.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

const CONTINUE: &[u8; 25] = b"HTTP/1.1 100 Continue\r\n\r\n";
