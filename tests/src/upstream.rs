//! Upstreams that a test plays itself.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::net::TcpSocket;
use tokio::sync::{mpsc, oneshot};
use tower::service_fn;

use crate::deadline::in_time;
use crate::server::serve;

/// A server that hands each request to the test, which responds.
#[derive(Debug)]
pub struct Upstream {
    calls: mpsc::UnboundedReceiver<Call>,
    /// Where it listens, such as `http://127.0.0.1:4711`.
    pub url: String,
}

/// A request that has been received whole. Dropping it breaks the connection off.
#[derive(Debug)]
pub struct Call {
    request: Request<Bytes>,
    response: oneshot::Sender<Response<Full<Bytes>>>,
}

impl Upstream {
    /// An upstream that listens.
    pub async fn start() -> Self {
        let (sender, calls) = mpsc::unbounded_channel();
        let service = service_fn(move |request| hand_over(sender.clone(), request));
        let url = format!("http://{}", serve(service).await);
        Self { calls, url }
    }

    /// The next request.
    pub async fn call(&mut self) -> Call {
        in_time(self.calls.recv()).await.unwrap()
    }

    /// Responds to the next request, and returns it.
    pub async fn respond(&mut self, response: Response<&'static str>) -> Request<Bytes> {
        self.call().await.respond(response)
    }

    /// Whether no request waits for a response.
    pub fn is_idle(&mut self) -> bool {
        self.calls.try_recv().is_err()
    }
}

impl Call {
    /// Responds to the request, and returns it.
    pub fn respond(self, response: Response<&'static str>) -> Request<Bytes> {
        self.response.send(response.map(Full::from)).unwrap();
        self.request
    }
}

async fn hand_over(
    sender: mpsc::UnboundedSender<Call>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, oneshot::error::RecvError> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let (response, responded) = oneshot::channel();
    let request = Request::from_parts(parts, body);
    // The test may be over.
    let _ = sender.send(Call { request, response });
    responded.await
}

/// A port that is taken, so that no other test gets it, and on which nobody listens.
#[derive(Debug)]
pub struct Nobody {
    _socket: TcpSocket,
    /// Where connections are refused.
    pub url: String,
}

impl Nobody {
    /// Takes a port.
    #[expect(clippy::new_without_default, reason = "it takes a port")]
    #[must_use]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self {
            url: format!("http://{}", socket.local_addr().unwrap()),
            _socket: socket,
        }
    }
}
