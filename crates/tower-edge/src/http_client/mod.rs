//! Calls an upstream over HTTP/1.1, with the settings that a server needs.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, StatusCode};
//! use http_body_util::{BodyExt, Empty};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! use tokio::net::TcpListener;
//! use tower::{ServiceBuilder, ServiceExt};
//! use tower_edge::http_client::HttpClient;
//! use tower_edge::timeout::UpstreamTimeoutLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let upstream = TcpListener::bind("127.0.0.1:0").await?;
//! let uri = format!("http://{}/", upstream.local_addr()?);
//! tokio::spawn(async move {
//!     let (mut stream, _) = upstream.accept().await?;
//!     stream.read(&mut [0; 1024]).await?;
//!     stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await
//! });
//!
//! let most = NonZeroUsize::new(256).ok_or("zero")?;
//! let client = ServiceBuilder::new()
//!     .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)))
//!     .service(HttpClient::<Empty<Bytes>>::new().with_max_in_flight(most));
//!
//! let response = client.oneshot(Request::get(uri).body(Empty::new())?).await?;
//!
//! assert_eq!(response.status(), StatusCode::OK);
//! let body = response.into_body().collect().await.map_err(|e| e.to_string())?;
//! assert_eq!(body.to_bytes(), "hi");
//! # Ok(())
//! # }
//! ```
//!
//! [`HttpClient`] is a tower service over the pooled client of [hyper-util](hyper_util::client::legacy), for `http`
//! URLs. It has defaults for what that client leaves to its user:
//!
//! | setting | default | by |
//! |---|---|---|
//! | idle connections are closed | after 30 s | [`with_idle_timeout`](HttpClient::with_idle_timeout) |
//! | idle connections that are kept | 32 for each host | [`with_max_idle_per_host`](HttpClient::with_max_idle_per_host) |
//! | time to connect | 5 s | [`with_connect_timeout`](HttpClient::with_connect_timeout) |
//! | calls in flight | no limit | [`with_max_in_flight`](HttpClient::with_max_in_flight) |
//! | `TCP_NODELAY` | on | |
//! | one retry, if that is safe | on | |
//!
//! # Retries
//!
//! An upstream may close a connection just as the client sends the next request on it. The client sends such a request
//! once more, on a new connection, if all of these hold:
//!
//! - the connection was reused, and was closed before the first byte of the response ([RFC 9112, section
//!   9.3.1](https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1));
//! - the method is idempotent: GET, HEAD, OPTIONS, TRACE, PUT or DELETE
//!   ([RFC 9110, section 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2));
//! - the request has no body.
//!
//! The client returns every other failure: that of a new connection, that of a retry, and that of a POST, which the
//! upstream may have executed. If the client finds the connection closed before it has written a byte, it sends the
//! request on another one, whatever its method. A retry has no extensions.
//!
//! A request with [`Attempts`](crate::Attempts) in its extensions, as [`client::retry`](../client/retry/index.html)
//! sends it, is sent once.
//!
//! # Calls in flight
//!
//! With a limit, a call above it fails at once with a [`Problem`](tower_edge_core::Problem) of kind
//! [`Unavailable`](tower_edge_core::Kind::Unavailable) and a `Retry-After` of one second. The call does not wait in a
//! queue and opens no connection. A call is in flight until the body of its response ends, fails or is dropped.

mod client;
mod connection;
mod future;

pub use self::client::HttpClient;
pub use self::future::{HttpClientError, IncomingBody, ResponseFuture};
