//! How the upstream is called: over which connections, how often, and how many calls at a time.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, Semaphore, watch};
use tokio::time::{interval, timeout};

use crate::support::{Gateway, PATIENCE, PROTOCOLS};

const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// An upstream that counts its connections, and the requests on them.
#[derive(Clone)]
struct Upstream {
    calls: watch::Sender<usize>,
    open: watch::Sender<usize>,
    url: String,
}

impl Upstream {
    /// An upstream that does this with the stream after each request on it, until it fails or is over.
    async fn start<F>(act: impl Fn(TcpStream) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<TcpStream>> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Self {
            calls: watch::Sender::new(0),
            open: watch::Sender::new(0),
            url: format!("http://{}", listener.local_addr().unwrap()),
        };
        let seen = upstream.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (act, seen) = (act.clone(), seen.clone());
                seen.open.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    while read_head(&mut stream).await.is_some() {
                        seen.calls.send_modify(|calls| *calls += 1);
                        let Some(kept) = act(stream).await else { break };
                        stream = kept;
                    }
                    seen.open.send_modify(|open| *open -= 1);
                });
            }
        });
        upstream
    }

    async fn gateway(&self, flags: &[&str]) -> Gateway {
        let limit = ["--limit", "burst=100000/1m", "--upstream", &self.url];
        Gateway::with(&[&limit[..], flags].concat()).await
    }
}

async fn read_head(stream: &mut TcpStream) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(())
}

async fn until(count: &watch::Sender<usize>, is: impl Fn(usize) -> bool) {
    let mut count = count.subscribe();
    let reached = count.wait_for(|count| is(*count));
    timeout(PATIENCE, reached).await.expect("in time").unwrap();
}

async fn respond(mut stream: TcpStream) -> Option<TcpStream> {
    stream.write_all(RESPONSE).await.ok()?;
    Some(stream)
}

// RFC 9112, section 9.3.1.
#[tokio::test]
async fn a_kept_connection_that_closes_under_a_request_costs_no_request() {
    let upstream = Upstream::start(async |stream| {
        let mut stream = respond(stream).await?;
        read_head(&mut stream).await;
        None
    });
    let upstream = upstream.await;
    let gateway = upstream.gateway(&["--timeout", "10s"]).await;

    for round in 0..20 {
        let protocol = PROTOCOLS[round % 2];
        let ask = gateway.get("/ads/api/media/7").over(protocol);

        assert_eq!(ask.send().await.status, 200, "{round}");
    }
}

#[tokio::test]
async fn a_burst_leaves_few_connections_to_the_upstream() {
    let barrier = Arc::new(Barrier::new(100));
    let upstream = Upstream::start(move |stream| {
        let barrier = barrier.clone();
        async move {
            barrier.wait().await;
            respond(stream).await
        }
    });
    let upstream = upstream.await;
    let gateway = upstream.gateway(&["--timeout", "10s"]).await;

    let asks = (0..100).map(|_| gateway.get("/ads/api/media/7").send());
    let responses = join_all(asks).await;

    assert!(responses.iter().all(|response| response.status == 200));
    until(&upstream.open, |open| open <= 32).await;
}

#[tokio::test]
async fn calls_above_the_limit_are_503_and_reach_no_upstream() {
    let let_go = Arc::new(Semaphore::new(0));
    let held = let_go.clone();
    let upstream = Upstream::start(move |stream| {
        let held = held.clone();
        async move {
            held.acquire().await.ok()?.forget();
            respond(stream).await
        }
    });
    let upstream = upstream.await;
    let flags = ["--max-upstream-calls", "2", "--timeout", "10s"];
    let gateway = upstream.gateway(&flags).await;
    let ask = || gateway.get("/problem/api/media/7").send();

    let refused = async {
        until(&upstream.calls, |calls| calls == 2).await;
        let refused = ask().await;
        let_go.add_permits(2);
        refused
    };
    let (first, second, refused) = tokio::join!(ask(), ask(), refused);
    let_go.add_permits(1);
    let last = ask().await;

    assert_eq!([first.status, second.status, last.status], [200; 3]);
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.number("retry-after"), 1);
    assert_eq!(*upstream.calls.borrow(), 3);
}

/// Writes the head, and then a byte of the body now and then.
async fn drip(
    mut stream: TcpStream,
    (status, content_type): (&str, &str),
    bytes: usize,
) -> Option<TcpStream> {
    let fields = format!("content-type: {content_type}\r\ncontent-length: {bytes}\r\n\r\n");
    let head = format!("HTTP/1.1 {status}\r\n{fields}");
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut ticks = interval(Duration::from_millis(50));
    for _ in 0..bytes {
        ticks.tick().await;
        stream.write_all(b"1").await.ok()?;
    }
    Some(stream)
}

#[tokio::test]
async fn a_json_response_that_drips_is_504_after_three_timeouts() {
    let upstream =
        Upstream::start(async |stream| drip(stream, ("200 OK", "application/json"), 100).await);
    let upstream = upstream.await;
    let gateway = upstream.gateway(&["--timeout", "400ms"]).await;

    for path in ["/problem/api/media/7", "/problem/api/upstream/ok"] {
        let response = gateway.get(path).send().await;

        assert_eq!(response.status, 504, "{response:?}");
    }
}

#[tokio::test]
async fn what_is_streamed_may_take_longer() {
    let upstream =
        Upstream::start(async |stream| drip(stream, ("200 OK", "text/plain"), 30).await).await;
    let gateway = upstream.gateway(&["--timeout", "400ms"]).await;

    let response = gateway.get("/problem/api/upstream/stall").send().await;

    assert_eq!((response.status, response.text().len()), (200, 30));
}

/// The next call would be 503 while one holds the slot.
#[tokio::test]
async fn an_error_that_drips_is_502_at_once_and_holds_no_slot() {
    let head = ("500 Internal Server Error", "text/plain");
    let upstream = Upstream::start(move |stream| drip(stream, head, 50_000)).await;
    let flags = ["--max-upstream-calls", "1", "--timeout", "10s"];
    let gateway = upstream.gateway(&flags).await;

    for name in ["stream", "ok", "stream", "stall"] {
        let path = format!("/problem/api/upstream/{name}");
        let response = timeout(PATIENCE, gateway.get(&path).send()).await;

        assert_eq!(response.expect("in time").status, 502, "{name}");
    }
}

fn tool_calls(count: usize) -> String {
    let call = |id| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "media.search"}});
    Value::Array((0..count).map(call).collect()).to_string()
}

#[tokio::test]
async fn the_calls_of_a_batch_are_made_eight_at_a_time_and_their_results_are_in_order() {
    let barrier = Arc::new(Barrier::new(8));
    let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let (waits, count) = (barrier.clone(), counts.clone());
    let upstream = Upstream::start(move |stream| {
        let (waits, count) = (waits.clone(), count.clone());
        async move {
            let now = count[0].fetch_add(1, Ordering::SeqCst) + 1;
            count[1].fetch_max(now, Ordering::SeqCst);
            waits.wait().await;
            count[0].fetch_sub(1, Ordering::SeqCst);
            respond(stream).await
        }
    });
    let upstream = upstream.await;
    let gateway = upstream.gateway(&["--timeout", "10s"]).await;

    let response = gateway.post("/routermcp/mcp", tool_calls(32)).send().await;

    let responses = response.json();
    let ids = responses.as_array().unwrap().iter();
    let ids: Vec<_> = ids
        .map(|response| response["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (0..32).collect::<Vec<_>>());
    assert_eq!(counts[1].load(Ordering::SeqCst), 8);
}

#[tokio::test]
async fn batches_call_the_upstream_no_more_often_than_the_limits_allow() {
    let upstream = Upstream::start(respond).await;
    let flags = ["--upstream", &upstream.url, "--limit", "hour=20/1h"];
    let gateway = Gateway::with(&flags).await;

    let post = || gateway.post("/ads/mcp", tool_calls(8)).send();
    let responses = join_all((0..25).map(|_| post())).await;

    let served = responses
        .iter()
        .filter(|response| response.status == 200)
        .count();
    assert_eq!(served, 2);
    assert_eq!(*upstream.calls.borrow(), 16);
    assert!(
        responses
            .iter()
            .all(|response| [200, 429].contains(&response.status))
    );
}

#[tokio::test]
async fn an_upstream_that_takes_no_call_holds_nobody_up_for_good() {
    let upstream = Upstream::start(async |_| pending().await).await;
    let flags = ["--max-upstream-calls", "1", "--timeout", "200ms"];
    let gateway = upstream.gateway(&flags).await;

    for _ in 0..3 {
        let response = gateway.get("/problem/api/media/7").send().await;

        assert_eq!(response.status, 504, "{response:?}");
    }
}
