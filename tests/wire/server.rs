//! Serves on a port of the machine's choice.

use std::convert::Infallible;
use std::net::SocketAddr;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tower::{Service, ServiceExt};
use tower_edge::core::BoxError;

/// Speaks HTTP/1.1 and HTTP/2 until the test is over.
pub(crate) async fn serve<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = service.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| service.clone().oneshot(request));
                let server = auto::Builder::new(TokioExecutor::new());
                // A connection that is aborted is what is tested.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}
