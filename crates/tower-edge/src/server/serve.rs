use std::future::poll_fn;
use std::mem;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::connection::Settings;
use super::per_address::PerAddress;
use super::{HttpService, connection};
use crate::telemetry;

/// Serves HTTP/1.1, and HTTP/2 with prior knowledge, on one port; see the [module docs](super) for an example.
///
/// Each request has its client's address as a [`PeerAddress`](super::PeerAddress) in its extensions.
#[doc(alias("graceful shutdown", "slowloris"))]
#[derive(Clone, Debug)]
pub struct Server {
    per_address: Option<PerAddress>,
    settings: Settings,
}

impl Server {
    /// A server with the default limits, which each method below names.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            per_address: None,
            settings: Settings {
                half_close: true,
                header_read_timeout: Duration::from_secs(10),
                idle_timeout: Duration::from_secs(60),
                max_concurrent_streams: 100,
                max_header_list_size: 256 * 1024,
                max_unsent: 8 * 1024 * 1024,
                shutdown_timeout: Duration::from_secs(10),
                write_timeout: Duration::from_secs(30),
            },
        }
    }

    /// Whether a client on HTTP/1.1 that has closed its sending side gets its response; true by default.
    ///
    /// A client that has left looks the same. Its request goes on until there is a response to send, which may take
    /// hours for a stream. With false, the server drops the requests of both at once.
    #[must_use]
    pub const fn with_half_close(mut self, half_close: bool) -> Self {
        self.settings.half_close = half_close;
        self
    }

    /// How long the head of a request may take, and the first bytes of a connection; 10 seconds by default. On
    /// HTTP/1.1 this includes the wait for the next request.
    #[must_use]
    pub const fn with_header_read_timeout(mut self, timeout: Duration) -> Self {
        self.settings.header_read_timeout = bounded(timeout);
        self
    }

    /// How long a connection without requests is kept; 60 seconds by default, and at most twice as long. A client
    /// that only acknowledges pings makes no request.
    #[must_use]
    pub const fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.settings.idle_timeout = bounded(timeout);
        self
    }

    /// How many requests a client may have in flight on one HTTP/2 connection; 100 by default.
    #[must_use]
    pub const fn with_max_concurrent_streams(mut self, streams: u32) -> Self {
        self.settings.max_concurrent_streams = streams;
        self
    }

    /// How many connections a client's address may have open at once; any number by default. An IPv6 address counts
    /// with its /64. The server closes a connection above the limit at once.
    ///
    /// Behind a proxy all connections come from the proxy's address, so set no limit there: `None`.
    #[must_use]
    pub fn with_max_connections_per_address(
        mut self,
        connections: impl Into<Option<usize>>,
    ) -> Self {
        self.per_address = connections.into().map(PerAddress::new);
        self
    }

    /// The largest head of an HTTP/2 request, in bytes of names and values; 256 KiB by default.
    #[must_use]
    pub const fn with_max_header_list_size(mut self, bytes: u32) -> Self {
        self.settings.max_header_list_size = bytes;
        self
    }

    /// How many bytes of responses one HTTP/2 connection may hold for a client that does not take them; 8 MiB by
    /// default. While it holds more, further requests on it wait.
    #[must_use]
    pub const fn with_max_unsent_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_unsent = bytes;
        self
    }

    /// How long requests may take to end after the shutdown has begun; 10 seconds by default. Then the server cuts
    /// the open connections.
    #[must_use]
    pub const fn with_shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.settings.shutdown_timeout = bounded(timeout);
        self
    }

    /// How long a client may take no bytes of a response; 30 seconds by default. The server then closes a connection
    /// whose socket accepts no byte, and resets an HTTP/2 stream for which the client opens no window. A client that
    /// takes a few kilobytes in this time is served to the end.
    #[must_use]
    pub const fn with_write_timeout(mut self, timeout: Duration) -> Self {
        self.settings.write_timeout = bounded(timeout);
        self
    }

    /// Serves the connections of a listener until `shutdown` resolves, then ends the open ones.
    pub async fn serve(
        &self,
        listener: TcpListener,
        service: impl HttpService,
        shutdown: impl Future<Output = ()>,
    ) {
        let (closing, closed) = watch::channel(());
        let accept = async {
            let mut is_failing = false;
            loop {
                let (stream, peer) = match listener.accept().await {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // The process may be out of files: connections that end give theirs back.
                        if !mem::replace(&mut is_failing, true) {
                            telemetry::server::warn_accept_error(&error);
                        }
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                        continue;
                    }
                };
                if mem::replace(&mut is_failing, false) {
                    telemetry::server::log_accept_recovery();
                }
                let permit = match &self.per_address {
                    Some(limit) => match limit.permit(peer.ip()) {
                        Some(permit) => Some(permit),
                        None => {
                            telemetry::server::log_too_many_connections(peer);
                            continue;
                        }
                    },
                    None => None,
                };
                prepare(&stream);
                let mut closing = closed.clone();
                let shutdown = async move {
                    // An error means that the server is gone.
                    let _ = closing.changed().await;
                };
                let served =
                    connection::serve(self.settings, stream, peer, service.clone(), shutdown);
                let open = closed.clone();
                tokio::spawn(async move {
                    served.await;
                    drop((open, permit));
                });
            }
        };
        {
            let (mut accept, mut shutdown) = (pin!(accept), pin!(shutdown));
            poll_fn(|cx| match shutdown.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => accept.as_mut().poll(cx),
            })
            .await;
        }
        drop((listener, closed));
        let _ = closing.send(());
        let ended = tokio::time::timeout(self.settings.shutdown_timeout, closing.closed());
        if ended.await.is_err() {
            telemetry::server::warn_shutdown_timeout();
        }
    }

    /// Serves one connection that was accepted elsewhere, such as one under TLS. Returns when the client has left, a
    /// limit is exceeded, or the last request has ended after `shutdown` has resolved.
    pub async fn serve_connection(
        &self,
        io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        peer: SocketAddr,
        service: impl HttpService,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        connection::serve(self.settings, io, peer, service, shutdown).await;
    }
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

/// Cuts the time to ten years: the sum of it and the current time must not overflow.
const fn bounded(time: Duration) -> Duration {
    if time.as_secs() < TEN_YEARS.as_secs() {
        time
    } else {
        TEN_YEARS
    }
}

/// Sets the server's socket options. A socket without them is slower, or is found to be slow later.
pub(super) fn prepare(stream: &TcpStream) {
    // Small responses should not wait for more data.
    let _ = stream.set_nodelay(true);
    limit_unsent(stream);
}

/// How many bytes the system buffers before the client has made room, so that the server sees the few bytes that a
/// slow client takes. By default it would buffer megabytes, and accept more only when a third of them has left.
#[cfg(any(target_os = "android", target_os = "linux"))]
fn limit_unsent(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
}

#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn limit_unsent(_: &TcpStream) {}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT: u32 = 64 * 1024;
