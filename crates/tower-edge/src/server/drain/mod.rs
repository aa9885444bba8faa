//! Discards the unread rest of a request's body, so that the client gets its response and keeps its connection.
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
//! # What it does to a request and a response
//!
//! | | a body that the service reads | a body that it leaves |
//! |---|---|---|
//! | inner service | is called | is called |
//! | request fields read | `Expect` | `Expect` |
//! | response | passes through | waits for the rest of the body |
//! | response fields written | none | on HTTP/1 `Connection: close`, if the rest is too long or too slow |
//!
//! A response that does not depend on the body, such as a 401, 404, 405, 415, 426 or 429, is often ready before the
//! body has arrived. Without this layer hyper then closes an HTTP/1.1 connection after the response. The response
//! does not announce that, and the client's next request is lost. On HTTP/2 hyper resets the stream right after the
//! response, and some clients (curl 7.88, httpx) lose the response with it.
//!
//! With this layer the response waits for the rest of the body, up to a [number of
//! bytes](DrainRequestBodyLayer::with_max_bytes) and a [time](DrainRequestBodyLayer::with_max_time), and the
//! connection is kept. If the body exceeds either, or fails:
//!
//! - On HTTP/1 the response has `Connection: close` ([RFC 9112, section
//!   9.6](https://www.rfc-editor.org/rfc/rfc9112#section-9.6)). The server must still read for a moment after it has
//!   sent the response, since closing a socket with unread bytes can cost the client the response.
//! - On HTTP/2 the response is sent, and then a task discards at most 16 MiB of the body in at most five seconds. So
//!   a reset comes only after the client can have read the response ([RFC 9113, section
//!   8.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.1)).
//!
//! A body that breaks off while the service reads it, or whose framing is wrong, fails with a [`Problem`](crate::Problem).
//! The response is a 400, even if the service returns the problem as its own error. Without the layer, that error looks
//! like an upstream's.
//!
//! The response does not wait for three kinds of bodies: one whose `Content-Length` is above the bound; one for which
//! the client still expects `100 Continue` ([RFC 9110, section
//! 10.1.1](https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1)); and, on HTTP/2, one of unknown length, since a
//! client such as gRPC's may wait for the response before it sends more.
//!
//! An inner service may still hold the body when its response is ready, as an echo or a proxy does. The layer then
//! leaves the body alone. An error on HTTP/1 gets `Connection: close`; on HTTP/2 the rest is discarded when the
//! service drops the body. `CONNECT` and 101 pass through unchanged.
//!
//! Put the layer outermost, around correlation ids and an access log too. The wait belongs to the connection, not to
//! the handling of the request, and by then no inner layer holds the body.
//!
//! A request without a body costs nothing, one with a body costs an allocation. A request's body has to be `Unpin`,
//! as hyper's and axum's are.
//!
//! # Panics
//!
//! The layer panics if it waits for a body outside of a tokio runtime with its time driver on, as tokio's timers do.

mod body;
mod layer;

pub use self::body::DrainableBody;
pub use self::layer::{DrainRequestBody, DrainRequestBodyLayer, ResponseFuture};
