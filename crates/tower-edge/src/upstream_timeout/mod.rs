//! Answers 504 when what is behind it does not answer in time, and cuts a body that stalls.
//!
//! The inner service is always called, and is polled before the clock is looked at, so that an
//! answer which is ready in time is never thrown away. Where the head of the response does not come
//! within the limit, the inner future is dropped and the answer is a 504 with a
//! [`Problem`](tower_edge_core::Problem) that carries
//! [`TimeoutFacts`](tower_edge_core::problem::TimeoutFacts). A request that never waits makes no
//! timer.
//!
//! The limit counts from the first poll, and so includes the time that the request's own body takes to be
//! sent: choose it with the largest upload in mind, or limit uploads further out.
//!
//! Bodies are unlimited unless [`with_idle`](UpstreamTimeoutLayer::with_idle) or
//! [`with_total`](UpstreamTimeoutLayer::with_total) says otherwise. Once a head is sent there can be
//! no 504 any more: a body that stalls ends with
//! [`BodyFailure`](tower_edge_core::BodyFailure), which aborts the response, or becomes the trailers
//! of a gRPC response under an envelope.
//!
//! ```
//! use std::time::Duration;
//!
//! use http::{Request, Response, StatusCode};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::upstream_timeout::UpstreamTimeoutLayer;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)))
//!     .service(service_fn(async |_: Request<()>| {
//!         tokio::time::sleep(Duration::from_secs(5)).await;
//!         Ok::<_, std::convert::Infallible>(Response::new(String::new()))
//!     }));
//!
//! let response = service.oneshot(Request::new(())).await?;
//!
//! assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
//! # Ok(())
//! # }
//! ```
//!
//! # Panics
//!
//! Waiting outside of a tokio runtime with its time driver on panics, as tokio's own timers do.

mod body;
mod future;
mod layer;
mod limits;
mod service;

pub use self::body::TimeoutBody;
pub use self::future::ResponseFuture;
pub use self::layer::UpstreamTimeoutLayer;
pub use self::service::UpstreamTimeout;
