//! Clients of HTTP/1.1, and of HTTP/2 with prior knowledge.

use std::error::Error;
use std::net::SocketAddr;

use bytes::Bytes;
use http::Request;
use http::request::Builder;
use http_body::Body;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::deadline::in_time;
use crate::response::TestResponse;

type BoxError = Box<dyn Error + Send + Sync>;
type BoxBody = UnsyncBoxBody<Bytes, BoxError>;

/// The version of HTTP that a client uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 with prior knowledge.
    Http2,
}

/// Both versions, for tests of what holds in each.
pub const PROTOCOLS: [Protocol; 2] = [Protocol::Http1, Protocol::Http2];

/// A client that keeps its connections, and opens one where it has none.
#[derive(Clone, Debug)]
pub struct Client(legacy::Client<HttpConnector, BoxBody>);

impl Client {
    /// A client of this version of HTTP.
    #[must_use]
    pub fn new(protocol: Protocol) -> Self {
        let mut connector = HttpConnector::new();
        // A body should not wait until its head has been acknowledged.
        connector.set_nodelay(true);
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.http2_only(protocol == Protocol::Http2);
        Self(builder.build(connector))
    }

    /// A client of HTTP/1.1.
    #[must_use]
    pub fn http_1() -> Self {
        Self::new(Protocol::Http1)
    }

    /// A client of HTTP/2.
    #[must_use]
    pub fn http_2() -> Self {
        Self::new(Protocol::Http2)
    }

    /// Sends a request without a body, and reads the response to its end.
    pub fn send(&self, request: Builder) -> impl Future<Output = TestResponse> + Send + use<> {
        self.send_with(request, "")
    }

    /// Sends a request with a body, and reads the response to its end.
    pub fn send_with<B: Into<Bytes>>(
        &self,
        request: Builder,
        body: B,
    ) -> impl Future<Output = TestResponse> + Send + use<B> {
        let head = self.begin(request.body(Full::new(body.into())).unwrap());
        in_time(async { TestResponse::read(head.await).await })
    }

    /// Sends a request, and reads the head of the response.
    pub fn begin<B>(
        &self,
        request: Request<B>,
    ) -> impl Future<Output = http::Response<Incoming>> + Send + use<B>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let response = self.0.request(request.map(boxed));
        async { in_time(response).await.expect("a response") }
    }
}

/// A client with one connection, which does not open another.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    sender: Sender,
}

#[derive(Debug)]
enum Sender {
    Http1(http1::SendRequest<BoxBody>),
    Http2(http2::SendRequest<BoxBody>),
}

impl Connection {
    /// Opens a connection.
    pub async fn open(address: SocketAddr, protocol: Protocol) -> Self {
        let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let sender = match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(io).await.unwrap();
                tokio::spawn(connection);
                Sender::Http1(sender)
            }
            Protocol::Http2 => {
                let executor = TokioExecutor::new();
                let (sender, connection) = http2::handshake(executor, io).await.unwrap();
                tokio::spawn(connection);
                Sender::Http2(sender)
            }
        };
        Self { address, sender }
    }

    /// The response to a GET of this path, as far as it comes.
    pub async fn get(&mut self, path: &str) -> TestResponse {
        let request = Request::get(format!("http://{}{path}", self.address));
        self.send(request).await
    }

    /// The response to a gRPC call of this path without a message, as far as it comes.
    pub async fn call(&mut self, path: &str, content_type: &str) -> TestResponse {
        let request = Request::post(format!("http://{}{path}", self.address))
            .header("content-type", content_type)
            .header("te", "trailers");
        self.send(request).await
    }

    /// Sends a request, and reads the head of the response.
    pub async fn begin<B>(&mut self, request: Request<B>) -> http::Response<Incoming>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let request = request.map(boxed);
        let response = async {
            match &mut self.sender {
                Sender::Http1(sender) => sender.send_request(request).await,
                Sender::Http2(sender) => sender.send_request(request).await,
            }
        };
        in_time(response).await.expect("a response")
    }

    async fn send(&mut self, request: Builder) -> TestResponse {
        let request = request.header("host", self.address.to_string());
        let request = request.body(Empty::new()).unwrap();
        let response = self.begin(request).await;
        in_time(TestResponse::read_available(response)).await
    }
}

fn boxed<B>(body: B) -> BoxBody
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    body.map_err(Into::into).boxed_unsync()
}
