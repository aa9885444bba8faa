//! An upstream that answers when, and what, the test says.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::client::PATIENCE;

/// A server of HTTP/1.1 on a free port.
pub(crate) struct Upstream {
    calls: mpsc::UnboundedReceiver<Call>,
    pub(crate) url: String,
}

/// A request that has come in whole. Dropping it breaks the connection off.
pub(crate) struct Call {
    pub(crate) request: Request<Bytes>,
    answer: oneshot::Sender<Response<Full<Bytes>>>,
}

impl Upstream {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, calls) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                let service = service_fn(move |request| hand_over(sender.clone(), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { calls, url }
    }

    /// The next request.
    pub(crate) async fn call(&mut self) -> Call {
        let call = timeout(PATIENCE, self.calls.recv()).await;
        call.expect("a request in time").unwrap()
    }

    /// Answers the next request, and tells what it was.
    pub(crate) async fn answer(&mut self, answer: Response<&'static str>) -> Request<Bytes> {
        self.call().await.answer(answer)
    }

    /// Whether no request has come that nobody has taken.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.calls.try_recv().is_err()
    }
}

impl Call {
    pub(crate) fn answer(self, answer: Response<&'static str>) -> Request<Bytes> {
        self.answer.send(answer.map(Full::from)).unwrap();
        self.request
    }
}

async fn hand_over(
    sender: mpsc::UnboundedSender<Call>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, oneshot::error::RecvError> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let (answer, answered) = oneshot::channel();
    let request = Request::from_parts(parts, body);
    // The test may be over.
    let _ = sender.send(Call { request, answer });
    answered.await
}

/// A port that is taken, so that nobody else gets it, and on which nobody listens.
pub(crate) struct Nobody {
    pub(crate) url: String,
    _socket: TcpSocket,
}

impl Nobody {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self {
            url: format!("http://{}", socket.local_addr().unwrap()),
            _socket: socket,
        }
    }
}
