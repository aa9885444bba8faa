//! A client that keeps one connection.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::read::Read;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}

/// Both are to be told that an answer is not whole.
pub(crate) const VERSIONS: [Version; 2] = [Version::One, Version::Two];

pub(crate) enum Peer {
    One(http1::SendRequest<Empty<Bytes>>),
    Two(http2::SendRequest<Empty<Bytes>>),
}

impl Peer {
    pub(crate) async fn connect(address: SocketAddr, version: Version) -> Self {
        let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
        match version {
            Version::One => {
                let (peer, connection) = http1::handshake(io).await.unwrap();
                tokio::spawn(connection);
                Self::One(peer)
            }
            Version::Two => {
                let executor = TokioExecutor::new();
                let (peer, connection) = http2::handshake(executor, io).await.unwrap();
                tokio::spawn(connection);
                Self::Two(peer)
            }
        }
    }

    /// The answer to a request for this path.
    pub(crate) async fn get(&mut self, address: SocketAddr, path: &str) -> Read {
        let uri = format!("http://{address}{path}");
        let request = Request::get(uri).header("host", address.to_string());
        Read::of(self.send(request.body(Empty::new()).unwrap()).await).await
    }

    /// The answer to a call of this path, in gRPC or what is like it.
    pub(crate) async fn call(
        &mut self,
        address: SocketAddr,
        path: &str,
        content_type: &str,
    ) -> Read {
        let request = Request::post(format!("http://{address}{path}"))
            .header("host", address.to_string())
            .header("content-type", content_type)
            .header("te", "trailers");
        Read::of(self.send(request.body(Empty::new()).unwrap()).await).await
    }

    async fn send(&mut self, request: Request<Empty<Bytes>>) -> Response<Incoming> {
        match self {
            Self::One(peer) => peer.send_request(request).await.unwrap(),
            Self::Two(peer) => peer.send_request(request).await.unwrap(),
        }
    }
}
