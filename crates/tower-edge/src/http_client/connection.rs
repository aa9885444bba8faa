//! Connections that record whether a request on them may be sent again.

use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use http::{Extensions, Uri};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower_service::Service;

/// Opens connections, each with a [`Usage`].
#[derive(Clone, Debug)]
pub(super) struct Connector(pub(super) HttpConnector);

impl Service<Uri> for Connector {
    type Response = TokioIo<TrackedStream>;
    type Error = <HttpConnector as Service<Uri>>::Error;
    type Future = Connecting;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Connecting {
        Connecting(self.0.call(uri))
    }
}

/// The future of [`Connector`].
pub(super) struct Connecting(<HttpConnector as Service<Uri>>::Future);

impl Future for Connecting {
    type Output = Result<TokioIo<TrackedStream>, <HttpConnector as Service<Uri>>::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let stream = ready!(Pin::new(&mut self.0).poll(cx))?.into_inner();
        let usage = Usage::default();
        Poll::Ready(Ok(TokioIo::new(TrackedStream { stream, usage })))
    }
}

/// Whether a connection was reused, and whether a response has begun on it.
///
/// One byte is enough: on HTTP/1.1 without pipelining, whatever is read belongs to the request that was written last.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage(Arc<AtomicU8>);

impl Usage {
    /// Whether a reused connection was closed before the first byte of the response.
    pub(super) fn was_kept_and_silent(error: &legacy::Error) -> bool {
        let Some(connected) = error.connect_info() else {
            return false;
        };
        let mut extras = Extensions::new();
        connected.get_extras(&mut extras);
        let usage = extras.get::<Self>();
        usage.is_some_and(|usage| usage.0.load(Ordering::Relaxed) == WRITTEN_AGAIN)
    }

    fn on_read(&self) {
        self.0.store(READ, Ordering::Relaxed);
    }

    fn on_write(&self) {
        if self.0.load(Ordering::Relaxed) == READ {
            self.0.store(WRITTEN_AGAIN, Ordering::Relaxed);
        }
    }
}

/// The last operation on the connection. Before the first read it is 0.
const READ: u8 = 1;
const WRITTEN_AGAIN: u8 = 2;

/// A stream with a [`Usage`].
#[derive(Debug)]
pub(super) struct TrackedStream {
    stream: TcpStream,
    usage: Usage,
}

impl Connection for TrackedStream {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.usage.clone())
    }
}

impl AsyncRead for TrackedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.usage.on_read();
        }
        read
    }
}

impl AsyncWrite for TrackedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        // A failed write counts too: the upstream may have reset the connection before it.
        self.usage.on_write();
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.usage.on_write();
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
