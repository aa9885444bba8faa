//! Answers 408 when a client takes too long to send the body of its request.
//!
//! The time counts while somebody waits for the body: what the inner service does between two frames
//! is no delay of the client. A [total](RequestBodyTimeoutLayer::with_total) counts always, and a frame
//! that is read after it is not handed on, unless the body is whole with it. When the time is over, the body fails with a
//! [`Problem`](tower_edge_core::Problem) that carries
//! [`TimeoutFacts`](tower_edge_core::problem::TimeoutFacts), the inner future is dropped or its error
//! replaced, and the answer is a 408; on HTTP/1.1 with `Connection: close`, since the rest of the
//! request may still come ([RFC 9110, section
//! 15.5.9](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9)). An answer that has begun or is a
//! success stays what it is. Under an envelope a client of gRPC is told `DEADLINE_EXCEEDED`.
//!
//! A request without a body costs nothing; one with a body an allocation, and another when it is waited
//! for. The layer belongs outside of [`upstream_timeout`](../timeout/index.html), with a
//! limit that is shorter: a 504 would blame the upstream.
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::{BodyExt, StreamBody};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::BoxError;
//! use tower_edge::timeout::{RequestBodyTimeoutLayer, TimedBody};
//! # type Silent = StreamBody<futures_util::stream::Pending<Result<http_body::Frame<Bytes>, BoxError>>>;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), BoxError> {
//! let service = ServiceBuilder::new()
//!     .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(1)))
//!     .service(service_fn(async |request: Request<TimedBody<Silent>>| {
//!         request.into_body().collect().await?;
//!         Ok::<_, BoxError>(Response::new(String::new()))
//!     }));
//! # let silent = StreamBody::new(futures_util::stream::pending());
//!
//! let response = service.oneshot(Request::new(silent)).await?;
//!
//! assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
//! assert_eq!(response.headers()["connection"], "close");
//! # Ok(())
//! # }
//! ```
//!
//! # Telemetry
//!
//! Each timeout goes to [`on_timeout`](RequestBodyTimeoutLayer::on_timeout). Feature `metrics` counts it in
//! `timeouts_total` (label `phase`: `request_body`). Under
//! [observation](RequestBodyTimeoutLayer::with_observation) nothing else comes of a timeout, but that feature `tracing`
//! logs it at `WARN`, under the target `tower_edge::timeout`.
//!
//! # Panics
//!
//! Waiting outside of a tokio runtime with its time driver on panics, as tokio's own timers do.

mod body;
mod layer;

pub use self::body::TimedBody;
pub use self::layer::{RequestBodyTimeout, RequestBodyTimeoutLayer, ResponseFuture};
