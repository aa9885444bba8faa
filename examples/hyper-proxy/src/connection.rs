//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use http::Request;
use http::Response;
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tower::Service;
use tower::ServiceExt;
use tower_edge::core::BoxError;
use tower_edge::core::PeerAddress;

use crate::server::HEADER_READ;

/// Serves this connection, which `connections` may end early.
///
/// It is closed when nothing has been asked on it for as long as a head may take. hyper knows no such
/// limit until it has read whether this is HTTP/1.1 or HTTP/2, so that who sends nothing, or half of the
/// [preface](https://www.rfc-editor.org/rfc/rfc9113#section-3.4), would keep it for good.
pub(crate) fn serve<S, B, T>(
    server: &auto::Builder<TokioExecutor>,
    connections: &GracefulShutdown,
    stream: T,
    peer: SocketAddr,
    service: S,
) -> impl Future<Output = ()> + Send + use<S, B, T>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&asked);
    let service = service_fn(move |mut request: Request<Incoming>| {
        seen.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(PeerAddress(peer));
        service.clone().oneshot(request)
    });
    let connection = server
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    let connection = connections.watch(connection);
    async move {
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(error, "a connection ended early");
            },
            () = silence(&asked) => tracing::debug!("nothing was asked on a connection"),
        }
    }
}

/// Ends when nothing has been asked in time, and never if something has.
async fn silence(asked: &AtomicBool) {
    tokio::time::sleep(HEADER_READ).await;
    if asked.load(Ordering::Relaxed) {
        pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::AsyncReadExt;
    use tokio::io::AsyncWriteExt;
    use tokio::io::duplex;
    use tokio::time::Instant;
    use tokio::time::timeout;
    use tower::service_fn;

    use super::*;
    use crate::server::builder;

    const HOUR: Duration = Duration::from_secs(3600);

    /// What a client that sends this is answered, and how long it takes; every answer takes an hour.
    async fn exchange(sent: &[u8]) -> (Vec<u8>, Duration) {
        let (mut client, stream) = duplex(1024);
        let slow = service_fn(async |_: Request<Incoming>| {
            tokio::time::sleep(HOUR).await;
            Ok(Response::new(String::from("late")))
        });
        let peer = SocketAddr::from(([192, 0, 2, 7], 5000));
        let connections = GracefulShutdown::new();
        tokio::spawn(serve(&builder(), &connections, stream, peer, slow));

        let started = Instant::now();
        client.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        let closed = timeout(2 * HOUR, client.read_to_end(&mut answer)).await;
        closed.expect("a connection that is closed").unwrap();
        (answer, started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_is_asked_is_closed() {
        for sent in [
            &b""[..],
            b"P",
            b"PRI * HTTP/2.0\r\n\r\n",
            b"GET / HTTP/1.1\r\n",
        ] {
            let (_, took) = exchange(sent).await;

            assert_eq!(took.as_secs(), HEADER_READ.as_secs(), "{sent:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_may_be_answered_later_than_that() {
        let sent = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

        let (answer, took) = exchange(sent).await;

        assert!(answer.ends_with(b"late"), "{answer:?}");
        assert_eq!(took.as_secs(), HOUR.as_secs());
    }
}
