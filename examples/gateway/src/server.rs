//! Serves connections until it is told to stop, then drains them.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use http::Request;
use http::Response;
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioTimer;
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tower::Service;
use tower_edge::core::BoxError;

use crate::connection;

/// Serves HTTP/1.1 and HTTP/2 (with prior knowledge) on one port, until SIGTERM or Ctrl-C.
pub(crate) async fn serve<S, B>(listener: TcpListener, stop: Stop, service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let server = builder();
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop.wait());
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of files, say: those in use will be given back.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        // Small answers should not wait for more to come.
        let _ = stream.set_nodelay(true);
        let service = service.clone();
        tokio::spawn(connection::serve(
            &server,
            &connections,
            stream,
            peer,
            service,
        ));
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections were still open and are cut");
    }
}

pub(crate) fn builder() -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ);
    server
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        // As much as HTTP/1.1 takes, so that a field that is too long is our business to refuse.
        .max_header_list_size(MAX_HEADER_LIST);
    server
}

/// SIGTERM and Ctrl-C. Both are listened for from here on, and not only from the first wait, so that
/// whoever is told the address can stop the server at once.
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const DRAIN: Duration = Duration::from_secs(10);
pub(crate) const HEADER_READ: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const MAX_HEADER_LIST: u32 = 256 * 1024;
