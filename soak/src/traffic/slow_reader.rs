use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::client;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::cases::Target;
use crate::client::{Http2, bytes_of, head_of};
use crate::message::Request;
use crate::report::Protocol;
use crate::soak::{Phase, Soak, WRITE_TIMEOUT};

/// Asks for more and more over HTTP/1.1, and reads nothing: the server has to end the connection.
pub(super) async fn reads_nothing(soak: Arc<Soak>, phase: watch::Receiver<Phase>) {
    again(&soak, phase, "reads nothing", Protocol::Http1, pipeline).await;
}

/// Asks over HTTP/2, and gives its streams less window than the responses need: the server has to reset them.
pub(super) async fn opens_little_window(
    soak: Arc<Soak>,
    phase: watch::Receiver<Phase>,
    window: u32,
) {
    let name = format!("opens a window of {window}");
    let ask = |address| streams(address, window);
    again(&soak, phase, &name, Protocol::Http2, ask).await;
}

/// Whether the server has ended the connection in time.
async fn pipeline(address: SocketAddr) -> io::Result<bool> {
    let request = bytes_of(&echo());
    let mut stream = TcpStream::connect(address).await?;
    loop {
        match timeout(ALLOWED, stream.write_all(&request)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Ok(true),
            Err(_) => return Ok(false),
        }
    }
}

/// Whether the server has ended the streams in time.
async fn streams(address: SocketAddr, window: u32) -> io::Result<bool> {
    let mut settings = client::Builder::new();
    settings.initial_window_size(window);
    let connection = Http2::connect(address, &settings).await?;
    let mut connection = connection.ready().await.map_err(io::Error::other)?;
    let mut responses = Vec::new();
    // A response of one frame is held elsewhere than one of several. With a window for a part of it, it is hyper's, which
    // knows no limit; it holds a kilobyte of each.
    let second = if window == 0 { unknown() } else { echo() };
    let requests = [echo(), second];
    for request in requests.iter().cycle().take(STREAMS) {
        let head = head_of(request).map_err(io::Error::other)?;
        poll_fn(|cx| connection.poll_ready(cx))
            .await
            .map_err(io::Error::other)?;
        let (response, _) = connection
            .send_request(head, true)
            .map_err(io::Error::other)?;
        responses.push(response);
    }
    let deadline = Instant::now() + ALLOWED;
    for response in responses {
        let ended = async {
            // Whatever comes, the window is not opened for more.
            if let Ok(response) = response.await {
                let mut body = response.into_body();
                while let Some(Ok(_)) = body.data().await {}
            }
        };
        if timeout_at(deadline, ended).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Does it again for each connection that the server has ended, until it is time to leave.
async fn again<F: Future<Output = io::Result<bool>>>(
    soak: &Soak,
    mut phase: watch::Receiver<Phase>,
    name: &str,
    protocol: Protocol,
    requests: impl Fn(SocketAddr) -> F,
) {
    loop {
        let ended = tokio::select! {
            _ = phase.wait_for(|phase| *phase != Phase::Load) => return,
            ended = requests(soak.address(Target::Open)) => ended,
        };
        match ended {
            Ok(true) => soak.report.count(name.to_owned(), protocol),
            Ok(false) => {
                let example = format!("for {ALLOWED:?} without the bytes taken");
                let kind = "a client that takes nothing is kept";
                soak.report.fault_in(name, protocol, kind, &example);
            }
            Err(error) => {
                soak.report
                    .fault_in(name, protocol, "an error", &error.to_string());
                sleep(PAUSE).await;
            }
        }
    }
}

/// A request for little, and yet more than a window here.
fn unknown() -> Request {
    Request {
        path: "/problem/api/upstream/no-such".to_owned(),
        fields: Vec::new(),
        ..echo()
    }
}

/// A request for as much as is in this field.
fn echo() -> Request {
    Request {
        method: "GET",
        path: "/problem/api/upstream/echo".to_owned(),
        fields: vec![("referer", "a".repeat(24 * 1024))],
        body: Bytes::new(),
        chunked: false,
    }
}

const PAUSE: Duration = Duration::from_millis(50);
const STREAMS: usize = 32;
/// Twice what a server gives a client which takes nothing, and time for a slow machine to notice.
const ALLOWED: Duration = Duration::from_secs(2 * WRITE_TIMEOUT.as_secs() + 2);
