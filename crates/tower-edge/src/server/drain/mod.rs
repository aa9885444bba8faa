//! Discards what nobody has read of a request's body, so that the client gets its response and keeps
//! its connection.
//!
//! A response that does not depend on the body, as 401, 404, 405, 415, 426 and 429 are, is often ready
//! before the body has arrived. Without this layer hyper then closes an HTTP/1.1 connection behind the
//! response, which does not say so, and the client's next request is lost. On HTTP/2 it resets the
//! stream right behind the response, and some clients (curl 7.88, httpx) lose the response with it.
//!
//! With this layer the response waits for the rest of the body, up to a [number of
//! bytes](DrainRequestBodyLayer::with_max_bytes) and a [time](DrainRequestBodyLayer::with_max_time),
//! and the connection is kept. A body that exceeds either, or that fails:
//!
//! - On HTTP/1 the response says `Connection: close` ([RFC 9112, section
//!   9.6](https://www.rfc-editor.org/rfc/rfc9112#section-9.6)). The server must still read on for a
//!   moment after it has sent the response, since closing a socket with unread bytes can cost the client
//!   the response.
//! - On HTTP/2 the response is sent, and a task discards the body behind it, 16 MiB and five seconds at
//!   most, so that a reset comes only after the client can have read the response ([RFC 9113, section
//!   8.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.1)).
//!
//! The response does not wait for a body whose `Content-Length` is above the bound; for a body that has
//! not been asked for with `100 Continue` ([RFC 9110, section
//! 10.1.1](https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1)); and, on HTTP/2, for a body of
//! unknown length, as the client may wait for the response before it sends more, which calls of gRPC do.
//!
//! A body that the inner service still holds when its response is ready, as an echo or a proxy does, is
//! left alone. An error on HTTP/1 then says `Connection: close`; on HTTP/2 the rest is discarded when the
//! body is dropped. `CONNECT` and 101 pass through unchanged.
//!
//! Put the layer outermost, around correlation ids and an access log too: the waiting belongs to the
//! connection and not to the handling of the request, and no layer inside holds the body any more.
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Full;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::BoxError;
//! use tower_edge::server::drain::{DrainRequestBodyLayer, DrainableBody};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! let service = ServiceBuilder::new()
//!     .layer(DrainRequestBodyLayer::new().with_max_bytes(1024))
//!     .service(service_fn(async |_: Request<DrainableBody<Full<Bytes>>>| {
//!         let mut response = Response::new(String::new());
//!         *response.status_mut() = StatusCode::NOT_FOUND;
//!         Ok::<_, BoxError>(response)
//!     }));
//!
//! let short = Request::new(Full::from(vec![0; 1024]));
//! let response = service.clone().oneshot(short).await?;
//! assert!(!response.headers().contains_key("connection"));
//!
//! let long = Request::new(Full::from(vec![0; 1025]));
//! let response = service.oneshot(long).await?;
//! assert_eq!(response.headers()["connection"], "close");
//! # Ok(())
//! # }
//! ```
//!
//! A request without a body costs nothing, one with a body an allocation. A request's body has to be
//! `Unpin`, as hyper's and axum's are.
//!
//! # Panics
//!
//! Waiting for a body outside of a tokio runtime with its time driver on panics, as tokio's own timers
//! do.

mod body;
mod layer;

pub use self::body::DrainableBody;
pub use self::layer::{DrainRequestBody, DrainRequestBodyLayer, ResponseFuture};
