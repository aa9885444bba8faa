use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::client;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::pace::{Pace, Paced};
use crate::cases::Target;
use crate::client::{bytes_of, head_of, response};
use crate::message::Request;
use crate::report::Protocol;
use crate::soak::{PATIENCE, Phase, Soak};
use crate::upstream::{JSON, STREAM};

/// How a client is slow. It takes some bytes at each moment, so that it has to get the whole response.
#[derive(Clone, Copy, Debug)]
pub(super) enum Steady {
    /// It reads HTTP/1.1 from its socket slowly.
    Http1,
    /// It reads HTTP/2 from its socket slowly, and has opened all windows.
    Http2,
    /// It reads at once, and opens the window of its stream in steps.
    Window,
}

/// Asks for much, and reads it slowly and whole.
pub(super) async fn reads_steadily(
    soak: Arc<Soak>,
    phase: watch::Receiver<Phase>,
    steady: Steady,
    step: usize,
    pause: Duration,
) {
    let (protocol, path, wanted) = match steady {
        Steady::Http1 => (Protocol::Http1, "/problem/api/upstream/stream", &STREAM),
        Steady::Http2 => (Protocol::Http2, "/problem/api/upstream/stream", &STREAM),
        Steady::Window => (Protocol::Http2, "/problem/api/upstream/ok", &JSON),
    };
    let name = match steady {
        Steady::Http1 | Steady::Http2 => "reads slowly but steadily",
        Steady::Window => "opens its window slowly but steadily",
    };
    while *phase.borrow() == Phase::Load {
        let started = Instant::now();
        let pace = Pace::new(&phase, step, pause);
        let read = async {
            match steady {
                Steady::Http1 => over_http_1(soak.address(Target::Large), path, pace).await,
                Steady::Http2 | Steady::Window => {
                    over_http_2(soak.address(Target::Large), path, pace, steady).await
                }
            }
        };
        let read = timeout(PATIENCE * 2, read).await;
        let read = read.unwrap_or_else(|late| Err(io::Error::other(late)));
        let took = started.elapsed();
        let example = match read {
            Ok(read) if read.body == **wanted => {
                soak.report.count(name.to_owned(), protocol);
                continue;
            }
            Ok(Read { body, end }) => {
                format!("{} of {} bytes, {end}", body.len(), wanted.len())
            }
            Err(error) => error.to_string(),
        };
        let example = format!("{path}, {step} bytes each {pause:?}: {example}, after {took:.1?}");
        let kind = "a client that reads steadily does not get all";
        soak.report.fault_in(name, protocol, kind, &example);
        sleep(PAUSE).await;
    }
}

/// What came of a body, and how it ended.
struct Read {
    body: Vec<u8>,
    end: String,
}

async fn over_http_1(address: SocketAddr, path: &str, pace: Pace) -> io::Result<Read> {
    let mut stream = Paced::new(connect(address).await?, pace);
    stream.write_all(&bytes_of(&get(path))).await?;
    let mut read = BytesMut::with_capacity(ROOM);
    let response = response(&mut stream, &mut read, false).await;
    let response = response.map_err(|failed| io::Error::other(failed.cause))?;
    Ok(Read {
        end: format!("status {}, {:?}", response.status, response.broken),
        body: response.body,
    })
}

async fn over_http_2(
    address: SocketAddr,
    path: &str,
    pace: Pace,
    steady: Steady,
) -> io::Result<Read> {
    let mut settings = client::Builder::new();
    let stream = match steady {
        Steady::Window => {
            // The library opens a window when half of it has been used, so this is a step.
            settings.initial_window_size(u32::try_from(pace.step).unwrap_or(u32::MAX));
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Paced::new(stream, pace.at_once())
        }
        Steady::Http1 | Steady::Http2 => {
            settings.initial_window_size(WINDOW);
            settings.initial_connection_window_size(WINDOW);
            Paced::new(connect(address).await?, pace.clone())
        }
    };
    let handshake = settings.handshake::<_, Bytes>(stream).await;
    let (connection, driver) = handshake.map_err(io::Error::other)?;
    tokio::spawn(driver);
    let mut connection = connection.ready().await.map_err(io::Error::other)?;
    let head = head_of(&get(path)).map_err(io::Error::other)?;
    let (response, _) = connection
        .send_request(head, true)
        .map_err(io::Error::other)?;
    let response = response.await.map_err(io::Error::other)?;
    let mut end = format!("status {}", response.status());
    let mut stream = response.into_body();
    let mut body = Vec::new();
    while let Some(data) = stream.data().await {
        match data {
            Ok(data) => {
                body.extend_from_slice(&data);
                if matches!(steady, Steady::Window) && pace.is_slow() {
                    sleep(pace.pause).await;
                }
                // Fails only where nothing more will come.
                let _ = stream.flow_control().release_capacity(data.len());
            }
            Err(error) => {
                end = format!("{end}, {error}");
                break;
            }
        }
    }
    Ok(Read { body, end })
}

/// A connection with little room in the kernel, so that the server notices how slowly it is read from.
async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn get(path: &str) -> Request {
    Request {
        method: "GET",
        path: path.to_owned(),
        fields: Vec::new(),
        body: Bytes::new(),
        chunked: false,
    }
}

const PAUSE: Duration = Duration::from_millis(50);
const RECEIVE_BUFFER: u32 = 64 * 1024;
const ROOM: usize = 64 * 1024;
/// More than the largest response.
const WINDOW: u32 = 16 * 1024 * 1024;
