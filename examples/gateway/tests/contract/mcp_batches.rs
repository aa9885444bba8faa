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
                    ask.answer().await.number("x-ratelimit-remaining"),
                    left,
                    "{body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_batch_may_overdraw_and_what_follows_is_refused() {
    let gateway = Gateway::with(&["--limit", "hour=20/1h"]).await;

    for prefix in PREFIXES {
        let path = format!("{prefix}/mcp");
        let post = |count| gateway.post(&path, pings(count).to_string());
        let batch = post(60).header("x-api-key", prefix).answer().await;
        let next = post(1).header("x-api-key", prefix).answer().await;

        assert_eq!(batch.json().as_array().map(Vec::len), Some(60), "{batch:?}");
        assert_eq!(batch.number("x-ratelimit-remaining"), 0);
        assert_eq!(next.status, 429);
        // An account is overdrawn by no more than its quota, which has to come back first.
        assert!(next.number("retry-after") > 20 * 180, "{next:?}");
    }
}

#[tokio::test]
async fn a_batch_is_served_where_one_request_would_be() {
    let gateway = Gateway::with(&["--limit", "second=1/1s"]).await;

    for prefix in PREFIXES {
        let ask = gateway.post(&format!("{prefix}/mcp"), pings(2).to_string());
        let answer = ask.header("x-api-key", prefix).answer().await;

        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json().as_array().map(Vec::len), Some(2));
        assert_eq!(answer.number("x-ratelimit-remaining"), 0);
    }
}

/// Others may overdraw the account between the head of a post, by which it is let in, and its batch.
#[tokio::test]
async fn a_batch_that_finds_nothing_left_is_refused_as_a_whole() {
    let gateway = Gateway::with(&["--limit", "hour=20/1h"]).await;

    for prefix in PREFIXES {
        let held = Held::post(&gateway, prefix).await;
        overdraw(&gateway, prefix, 30).await;
        let refused = held.finish(&pings(2)).await;

        assert!(refused.starts_with("HTTP/1.1 429 "), "{refused}");
        assert!(
            refused.contains("x-ratelimit-remaining: 0\r\n"),
            "{refused}"
        );
        // What is owed is 30 at 180 s each, and one of 20 has to be free.
        let wait = number(&refused, "retry-after");
        assert!((10 * 180..=11 * 180).contains(&wait), "{refused}");
        let reset = number(&refused, "x-ratelimit-reset") - date(&refused);
        assert!((29 * 180..=30 * 180 + 1).contains(&reset), "{refused}");
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_costs_nothing() {
    let gateway = Gateway::with(&["--limit", "hour=20/1h"]).await;

    for prefix in PREFIXES {
        let mut held = Vec::new();
        for _ in 0..10 {
            held.push(Held::post(&gateway, prefix).await);
        }
        overdraw(&gateway, prefix, 20).await;
        let mut statuses = Vec::new();
        for post in held {
            let answer = post.finish(&pings(2)).await;
            statuses.push(answer[9..12].to_owned());
        }

        // 30 were owed, and each that was refused gave one back.
        assert_eq!(statuses, ["429"; 10]);
        let ask = gateway.post(&format!("{prefix}/mcp"), pings(2).to_string());
        let next = ask.header("x-api-key", prefix).answer().await;
        let wait = next.number("retry-after");
        assert!((1..=180).contains(&wait), "{next:?}");
    }
}

/// A gateway waits for Redis no longer than 20 ms, and counts by itself then, so that one more may be served.
#[tokio::test]
async fn of_batches_that_come_at_once_one_overdraws_in_redis_too() {
    let server = RedisServer::start();
    let gateway = Gateway::with(&["--redis", &server.url(), "--limit", "hour=20/1h"]).await;

    let post = || gateway.post("/ads/mcp", pings(100).to_string()).answer();
    let answers = join_all((0..25).map(|_| post())).await;

    let served = answers.iter().filter(|answer| answer.status == 200).count();
    assert!((1..=2).contains(&served), "{served}");
}

/// Charges the account of this key with a batch of so many.
async fn overdraw(gateway: &Gateway, key: &str, count: usize) {
    let ask = gateway.post("/ads/mcp", pings(count).to_string());
    let answer = ask.header("x-api-key", key).answer().await;
    assert_eq!(answer.status, 200, "{answer:?}");
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
        read.expect("an answer in time").unwrap();
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
        read.expect("an answer in time").unwrap();
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
