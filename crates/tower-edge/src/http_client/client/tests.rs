use std::sync::Mutex;

use futures_util::future::join_all;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, watch};
use tokio::time::timeout;
use tower::ServiceExt;
use tower_edge_core::{Kind, Problem};

use super::*;

/// Longer than anything here takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// What an upstream does with a request.
#[derive(Clone, Copy, Debug)]
enum Act {
    Close,
    /// Writes this and keeps the connection.
    Write(&'static [u8]),
    WriteAndClose(&'static [u8]),
}

use Act::{Close, Write, WriteAndClose};

#[derive(Clone, Debug)]
struct Upstream {
    open: watch::Receiver<usize>,
    /// The first line of each request.
    seen: Arc<Mutex<Vec<String>>>,
    uri: String,
}

impl Upstream {
    /// An upstream that acts by the number of the connection and that of the request on it, both from 0.
    async fn start(act: impl Fn(usize, usize) -> Act + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (count, open) = watch::channel(0);
        let upstream = Self {
            open,
            seen: Arc::default(),
            uri: format!("http://{}/", listener.local_addr().unwrap()),
        };
        let (seen, count) = (upstream.seen.clone(), Arc::new(count));
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (act, seen, count) = (act.clone(), seen.clone(), count.clone());
                count.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    serve(stream, |request| act(connection, request), &seen).await;
                    count.send_modify(|open| *open -= 1);
                });
            }
        });
        upstream
    }

    fn request(&self, method: Method, body: &'static str) -> Request<Full<Bytes>> {
        let request = Request::builder().method(method).uri(&self.uri);
        request.body(Full::from(body)).unwrap()
    }

    fn get(&self) -> Request<Full<Bytes>> {
        self.request(Method::GET, "")
    }

    fn seen(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let methods = seen.iter().map(|line| line.split(' ').next().unwrap());
        methods.map(ToOwned::to_owned).collect()
    }

    async fn until_open(&mut self, connections: impl Fn(usize) -> bool) {
        let open = self.open.wait_for(|open| connections(*open));
        timeout(PATIENCE, open).await.expect("in time").unwrap();
    }
}

async fn serve(mut stream: TcpStream, act: impl Fn(usize) -> Act, seen: &Mutex<Vec<String>>) {
    for number in 0.. {
        let Some(line) = read_request(&mut stream).await else {
            return;
        };
        seen.lock().unwrap().push(line);
        match act(number) {
            Close => return,
            Write(bytes) => stream.write_all(bytes).await.unwrap(),
            WriteAndClose(bytes) => {
                let _ = stream.write_all(bytes).await;
                return;
            }
        }
    }
}

/// The first line of a request, whose body is at most one byte; `None` when there is none.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let head = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = head.split_once("\r\n\r\n")
            && body.len() == usize::from(head.contains("content-length: 1"))
        {
            return head.lines().next().map(ToOwned::to_owned);
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

type Client = HttpClient<Full<Bytes>>;

/// Reads a response to its end and returns its status.
async fn status(
    client: &Client,
    request: Request<Full<Bytes>>,
) -> Result<StatusCode, HttpClientError> {
    let call = async {
        let response = client.clone().oneshot(request).await?;
        let status = response.status();
        response.into_body().collect().await.expect("a whole body");
        Ok(status)
    };
    timeout(PATIENCE, call).await.expect("a response in time")
}

/// Sends requests until the pool has this many connections.
async fn fill_pool(client: &Client, upstream: &Upstream, connections: usize) {
    let calls = (0..connections).map(|_| status(client, upstream.get()));
    for status in join_all(calls).await {
        assert_eq!(status.unwrap(), StatusCode::OK);
    }
    upstream.seen.lock().unwrap().clear();
}

// RFC 9110, section 9.2.2, and RFC 9112, section 9.3.1.
#[tokio::test]
async fn an_idempotent_request_on_a_kept_connection_that_closes_is_sent_once_more() {
    for method in [
        Method::DELETE,
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::PUT,
        Method::TRACE,
    ] {
        let head = method == Method::HEAD;
        let upstream = Upstream::start(move |connection, request| match (connection, request) {
            (0, 1) => Close,
            (0, _) => Write(RESPONSE),
            _ if head => Write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"),
            _ => Write(RESPONSE),
        })
        .await;
        let client = Client::new();
        fill_pool(&client, &upstream, 1).await;

        let status = status(&client, upstream.request(method.clone(), "")).await;

        assert_eq!(status.unwrap(), StatusCode::OK, "{method}");
        assert_eq!(upstream.seen(), [method.as_str(); 2]);
    }
}

#[tokio::test]
async fn a_request_of_a_layer_that_counts_attempts_is_not_retried_here() {
    let upstream = Upstream::start(|_, request| match request {
        0 => Write(RESPONSE),
        _ => Close,
    })
    .await;
    let client = Client::new();
    fill_pool(&client, &upstream, 1).await;
    let mut request = upstream.get();
    request.extensions_mut().insert(Attempts(1));

    let status = status(&client, request).await;

    assert!(matches!(status, Err(HttpClientError::Call(_))));
    assert_eq!(upstream.seen(), ["GET"]);
}

#[tokio::test]
async fn a_retry_takes_no_other_connection_that_was_kept() {
    let barrier = Arc::new(Barrier::new(4));
    let waits = barrier.clone();
    let upstream = Upstream::start(move |connection, request| match (connection, request) {
        (0..4, 1) => Close,
        _ => Write(RESPONSE),
    })
    .await;
    let client = Client::new();
    let calls = (0..4).map(|_| {
        let (client, waits, request) = (client.clone(), waits.clone(), upstream.get());
        async move {
            let response = client.oneshot(request).await.unwrap();
            waits.wait().await;
            response.into_body().collect().await.unwrap();
        }
    });
    timeout(PATIENCE, join_all(calls)).await.expect("in time");

    for _ in 0..4 {
        let status = status(&client, upstream.get()).await;

        assert_eq!(status.unwrap(), StatusCode::OK);
    }
    assert_eq!(upstream.seen().len(), 4 + 2 * 4);
}

#[tokio::test]
async fn a_post_is_never_sent_twice_nor_is_a_body() {
    for (method, body) in [(Method::POST, ""), (Method::POST, "x"), (Method::PUT, "x")] {
        let upstream = Upstream::start(|_, request| match request {
            0 => Write(RESPONSE),
            _ => Close,
        })
        .await;
        let client = Client::new();
        fill_pool(&client, &upstream, 1).await;

        let status = status(&client, upstream.request(method.clone(), body)).await;

        assert!(matches!(status, Err(HttpClientError::Call(_))), "{method}");
        assert_eq!(upstream.seen(), [method.as_str()]);
    }
}

#[tokio::test]
async fn a_new_connection_that_closes_is_a_failure() {
    let upstream = Upstream::start(|_, _| Close).await;

    let status = status(&Client::new(), upstream.get()).await;

    assert!(matches!(status, Err(HttpClientError::Call(_))));
    assert_eq!(upstream.seen(), ["GET"]);
}

#[tokio::test]
async fn after_a_byte_of_the_response_nothing_is_sent_again() {
    for begun in ["H", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n"] {
        let upstream = Upstream::start(move |_, request| match request {
            0 => Write(RESPONSE),
            _ => WriteAndClose(begun.as_bytes()),
        })
        .await;
        let client = Client::new();
        fill_pool(&client, &upstream, 1).await;

        let status = status(&client, upstream.get()).await;

        assert!(matches!(status, Err(HttpClientError::Call(_))), "{begun}");
        assert_eq!(upstream.seen(), ["GET"], "{begun}");
    }
}

#[tokio::test]
async fn a_retry_that_fails_is_not_tried_again() {
    let upstream = Upstream::start(|connection, request| match (connection, request) {
        (0, 0) => Write(RESPONSE),
        _ => Close,
    })
    .await;
    let client = Client::new();
    fill_pool(&client, &upstream, 1).await;

    let status = status(&client, upstream.get()).await;

    assert!(matches!(status, Err(HttpClientError::Call(_))));
    assert_eq!(upstream.seen(), ["GET", "GET"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_get_fails_and_no_post_is_repeated_where_each_response_is_followed_by_a_close() {
    let upstream = Upstream::start(|_, _| WriteAndClose(RESPONSE)).await;
    let client = Client::new();
    let mut failed = 0;

    for round in 0..500 {
        let got = status(&client, upstream.get()).await;
        assert_eq!(got.unwrap(), StatusCode::OK, "{round}");
        let posted = status(&client, upstream.request(Method::POST, "")).await;
        failed += usize::from(posted.is_err());
    }

    let posts = upstream
        .seen()
        .iter()
        .filter(|line| *line == "POST")
        .count();
    // The upstream may or may not have read a request that failed.
    assert!((500 - failed..=500).contains(&posts), "{posts} {failed}");
}

#[tokio::test]
async fn connections_that_nobody_uses_are_closed() {
    let mut upstream = Upstream::start(|_, _| Write(RESPONSE)).await;
    let client = Client::new().with_idle_timeout(Duration::from_millis(100));
    fill_pool(&client, &upstream, 8).await;

    upstream.until_open(|open| open == 0).await;
}

#[tokio::test]
async fn a_burst_leaves_no_more_connections_than_are_kept() {
    let mut upstream = Upstream::start(|_, _| Write(RESPONSE)).await;
    let client = Client::new().with_max_idle_per_host(3);
    let heads = (0..20).map(|_| client.clone().oneshot(upstream.get()));
    let responses = timeout(PATIENCE, join_all(heads)).await.expect("in time");
    upstream.until_open(|open| open == 20).await;

    for response in responses {
        response.unwrap().into_body().collect().await.unwrap();
    }

    upstream.until_open(|open| open <= 3).await;
    fill_pool(&client, &upstream, 1).await;
    assert!(*upstream.open.borrow() >= 1);
}

#[tokio::test]
async fn a_call_is_in_flight_until_its_body_has_ended_or_is_dropped() {
    let upstream = Upstream::start(|_, _| Write(RESPONSE)).await;
    let client = Client::new().with_max_in_flight(NonZeroUsize::MIN);

    let response = client.clone().oneshot(upstream.get()).await.unwrap();
    let rejected = status(&client.clone(), upstream.get()).await;
    response.into_body().collect().await.unwrap();
    let response = client.clone().oneshot(upstream.get()).await.unwrap();
    drop(response);
    let status = status(&client, upstream.get()).await;

    let Err(HttpClientError::MaxInFlight(problem)) = rejected else {
        panic!("{rejected:?}")
    };
    assert_eq!(problem.kind(), Kind::Unavailable);
    assert_eq!(problem.retry_after(), Some(Duration::from_secs(1)));
    assert_eq!(status.unwrap(), StatusCode::OK);
    assert_eq!(upstream.seen().len(), 3);
}

#[tokio::test]
async fn a_call_that_fails_or_is_given_up_is_in_flight_no_longer() {
    let upstream = Upstream::start(|_, _| Close).await;
    let client = Client::new().with_max_in_flight(NonZeroUsize::MIN);

    drop(client.clone().oneshot(upstream.get()));
    let first = status(&client, upstream.get()).await;
    let second = status(&client, upstream.get()).await;

    for failed in [first, second] {
        assert!(
            matches!(failed, Err(HttpClientError::Call(_))),
            "{failed:?}"
        );
    }
}

#[test]
fn the_cause_is_distinguished_from_what_it_means_here() {
    let error = HttpClientError::MaxInFlight(Problem::new(Kind::Unavailable));

    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<Problem>());

    assert_eq!(cause.map(Problem::kind), Some(Kind::Unavailable));
}
