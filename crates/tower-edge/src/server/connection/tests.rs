use std::convert::Infallible;
use std::future::{Ready, pending, ready};

use bytes::Bytes;
use h2::client;
use h2::client::SendRequest;
use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{sleep, timeout};
use tower::service_fn;

use super::super::Server;
use super::*;

const HOUR: Duration = Duration::from_secs(3600);
// None of them is the default.
const HEAD: Duration = Duration::from_secs(8);
const IDLE: Duration = Duration::from_secs(50);
const WRITE: Duration = Duration::from_secs(20);

/// The client's side of a connection. Its responses have this many bytes, and come after this time.
fn connect(bytes: usize, after: Duration) -> DuplexStream {
    let (client, io) = duplex(64 * 1024);
    let service = service_fn(move |_: Request<Incoming>| async move {
        sleep(after).await;
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(vec![b'x'; bytes]))))
    });
    let server = Server::new()
        .with_header_read_timeout(HEAD)
        .with_idle_timeout(IDLE)
        .with_max_unsent_bytes(1_000_000)
        .with_write_timeout(WRITE);
    let peer = SocketAddr::from(([192, 0, 2, 7], 5000));
    tokio::spawn(async move { server.serve_connection(io, peer, service, pending()).await });
    client
}

/// The bytes that a client receives for these until the connection closes, and how long that takes.
async fn exchange(mut client: DuplexStream, sent: &[u8]) -> (Vec<u8>, Duration) {
    let started = Instant::now();
    client.write_all(sent).await.unwrap();
    let mut received = Vec::new();
    let closed = timeout(2 * HOUR, client.read_to_end(&mut received)).await;
    closed.expect("a connection that is closed").unwrap();
    (received, started.elapsed())
}

/// An HTTP/2 client with this window for each stream. Its connection ends with the task.
async fn http2(io: DuplexStream, window: u32) -> (SendRequest<Bytes>, tokio::task::JoinHandle<()>) {
    let handshake = client::Builder::new()
        .initial_window_size(window)
        .handshake(io);
    let (requests, connection) = handshake.await.unwrap();
    let ended = tokio::spawn(async move { drop(connection.await) });
    (requests.ready().await.unwrap(), ended)
}

async fn get(requests: &mut SendRequest<Bytes>) -> h2::RecvStream {
    let (response, _) = requests
        .send_request(Request::get("http://a/").body(()).unwrap(), true)
        .unwrap();
    response.await.unwrap().into_body()
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_requests_is_closed() {
    for sent in [
        &b""[..],
        b"P",
        b"PRI * HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
    ] {
        let (_, took) = exchange(connect(4, HOUR), sent).await;

        assert_eq!(took.as_secs(), HEAD.as_secs(), "{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_may_come_later_than_that() {
    let sent = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    let (received, took) = exchange(connect(4, HOUR), sent).await;

    assert!(received.ends_with(b"xxxx"), "{received:?}");
    assert_eq!(took.as_secs(), HOUR.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_closed_its_sending_side_gets_its_response() {
    let mut client = connect(4, WRITE);
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    client.shutdown().await.unwrap();

    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();

    assert!(received.ends_with(b"xxxx"), "{received:?}");
}

#[tokio::test(start_paused = true)]
async fn an_http_1_client_that_takes_nothing_is_cut() {
    let mut client = connect(1024 * 1024, Duration::ZERO);
    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    client.write_all(request).await.unwrap();

    sleep(2 * WRITE).await;

    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    assert!(received.len() < 128 * 1024, "{}", received.len());
}

#[tokio::test(start_paused = true)]
async fn an_http_2_stream_whose_client_takes_nothing_is_reset() {
    let (mut requests, _ended) = http2(connect(100_000, Duration::ZERO), 0).await;
    let started = Instant::now();

    let mut body = get(&mut requests).await;

    let error = timeout(HOUR, body.data())
        .await
        .unwrap()
        .unwrap()
        .unwrap_err();
    assert_eq!(error.reason(), Some(h2::Reason::CANCEL));
    assert_eq!(started.elapsed().as_secs(), WRITE.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_takes_its_time_is_no_slow_client() {
    let (mut requests, _ended) = http2(connect(4, HOUR), 65_535).await;

    let mut body = get(&mut requests).await;

    assert_eq!(body.data().await.unwrap().unwrap(), "xxxx");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_though_the_client_has_made_room_for_a_byte_of_it() {
    for window in [1, 100] {
        let (mut requests, _ended) = http2(connect(10_000, Duration::ZERO), window).await;
        let started = Instant::now();
        let mut body = get(&mut requests).await;

        let ended = timeout(HOUR, async { while let Some(Ok(_)) = body.data().await {} });

        ended.await.expect("an end");
        assert!(started.elapsed() < IDLE, "{:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_few_bytes_at_a_time_is_served_to_the_end() {
    let (mut requests, _ended) = http2(connect(60_000, Duration::ZERO), 16_384).await;
    let started = Instant::now();
    let mut body = get(&mut requests).await;
    let mut taken = 0;

    // The client takes a kilobyte a second.
    while let Some(data) = body.data().await {
        taken += data.unwrap().len();
        while body.flow_control().used_capacity() > 0 {
            sleep(Duration::from_millis(500)).await;
            let step = body.flow_control().used_capacity().min(500);
            body.flow_control().release_capacity(step).unwrap();
        }
    }

    assert_eq!(taken, 60_000);
    assert!(started.elapsed() > 2 * WRITE, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_while_its_connection_holds_too_much() {
    let (mut requests, _ended) = http2(connect(900_000, Duration::ZERO), 0).await;
    let started = Instant::now();
    let mut held = [get(&mut requests).await, get(&mut requests).await];
    assert_eq!(started.elapsed(), Duration::ZERO);

    let (later, _) = requests
        .send_request(Request::get("http://a/").body(()).unwrap(), true)
        .unwrap();
    let later = later.await.unwrap();

    assert_eq!(later.status(), 200);
    assert_eq!(started.elapsed().as_secs(), WRITE.as_secs());
    for body in &mut held {
        assert!(body.data().await.unwrap().is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_only_acknowledges_pings_is_disconnected() {
    let (mut requests, ended) = http2(connect(4, Duration::ZERO), 65_535).await;
    let started = Instant::now();
    let mut body = get(&mut requests).await;
    body.data().await.unwrap().unwrap();
    drop(body);

    timeout(HOUR, ended).await.unwrap().unwrap();

    let took = started.elapsed();
    assert!(took >= IDLE && took <= 2 * IDLE + WRITE, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_limit_may_be_as_long_as_time_goes() {
    let (mut client, io) = duplex(1024);
    let service = service_fn(async |_: Request<Incoming>| {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("x"))))
    });
    let server = Server::new()
        .with_header_read_timeout(Duration::MAX)
        .with_idle_timeout(Duration::MAX)
        .with_write_timeout(Duration::MAX);
    let peer = SocketAddr::from(([192, 0, 2, 7], 5000));
    tokio::spawn(async move { server.serve_connection(io, peer, service, pending()).await });

    let request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    client.write_all(request).await.unwrap();

    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    assert!(received.ends_with(b"x"), "{received:?}");
}

/// Gets ready while it is polled, as a service behind a queue does.
#[derive(Clone, Default)]
struct ReadyLater {
    polls: u32,
}

impl Service<Request<Incoming>> for ReadyLater {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.polls += 1;
        if self.polls < 3 {
            // The first waker may be one that does nothing.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Incoming>) -> Self::Future {
        ready(Ok(Response::new(Full::from(self.polls.to_string()))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_is_called_once_it_is_ready() {
    let peer = SocketAddr::from(([192, 0, 2, 7], 5000));
    let serve = || {
        let (client, io) = duplex(1024);
        tokio::spawn(async move {
            let service = ReadyLater::default();
            Server::new()
                .serve_connection(io, peer, service, pending())
                .await;
        });
        client
    };
    let request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

    let (http1, _) = exchange(serve(), request).await;
    let (mut requests, _connection) = http2(serve(), 1024).await;
    let mut body = get(&mut requests).await;

    assert!(http1.ends_with(b"3"), "{http1:?}");
    assert_eq!(body.data().await.unwrap().unwrap(), "3");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_slowly_is_not_idle_once_the_response_is_hyper_s() {
    let mut client = connect(300_000, Duration::ZERO);
    let request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    client.write_all(request).await.unwrap();
    let started = Instant::now();
    let (mut bytes, mut received) = ([0; 8192], 0);

    // This takes longer than two limits of an idle connection.
    loop {
        sleep(WRITE / 4).await;
        match client.read(&mut bytes).await.unwrap() {
            0 => break,
            length => received += length,
        }
    }

    assert!(received > 300_000, "{received}");
    assert!(started.elapsed() > 2 * IDLE, "{:?}", started.elapsed());
}
