//! Answers 504 when what is behind it does not answer in time, and cuts a body that stalls.
//!
//! | limit | counts | when it is over |
//! |---|---|---|
//! | queue, by a [layer of its own](QueueTimeoutLayer) | until the inner service is ready | 503, the inner service is not called |
//! | [head](UpstreamTimeoutLayer::new) | until the head of the response | 504 |
//! | [idle](UpstreamTimeoutLayer::with_idle) | between two frames of the body | the body fails |
//! | [total](UpstreamTimeoutLayer::with_total) | from the call to the end of the body, except that of a stream or a connection | 504, or the body fails |
//! | [deadline](UpstreamTimeoutLayer::with_deadlines) | until the caller stops waiting, except for a connection | 504, or the body fails |
//!
//! The inner service is called unless one of the limits is over before, and is polled before the clock
//! is looked at, so that an answer which is ready in time is never thrown away. Where the head of the
//! response does not come within the limit, the inner future is dropped and the answer is a 504 with a
//! [`Problem`](tower_edge_core::Problem) that carries
//! [`TimeoutFacts`](tower_edge_core::problem::TimeoutFacts). A request that never waits makes no
//! timer, and one that waits makes one until its head is there, and one for its body.
//!
//! A 504 does not say that the request was not executed: an upstream may go on with what nobody waits
//! for any more, and so may tasks that were spawned. Only what is idempotent should be sent again.
//!
//! The limit on the head counts from the first wait, and so includes the time that the request's own body
//! takes to be sent: choose it with the largest upload in mind, or limit uploads further out. Nested
//! limits should be shorter the further in they are, since the outer one hides what the inner would
//! have said.
//!
//! Once a head is sent there can be no 504 any more: a body that stalls fails with the problem that the 504 would have
//! been, with the same facts. It aborts the response. Under an envelope it is logged, and becomes the last event of an
//! event stream or the trailers of a gRPC response. The total and the deadline hold for frames that are ready at
//! once, too: one that the client takes after the limit is not sent, unless the body is whole with it.
//! Choose a total with the slowest reader in mind.
//!
//! A switch of protocols (101, or a 2xx to `CONNECT`) ends total and deadline with its head. The limit on
//! silence goes on where the connection is the body of the response, as over HTTP/2: have none for routes
//! whose connections may be silent.
//!
//! ```
//! use std::time::Duration;
//!
//! use http::{Request, Response, StatusCode};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::timeout::UpstreamTimeoutLayer;
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
//! # Telemetry
//!
//! Feature `metrics` counts timeouts in `timeouts_total` (labels `phase`, `upstream`, `operation` and `enforced`).
//! Feature `tracing` logs a timeout under [observation](UpstreamTimeoutLayer::with_observation) at `WARN`, under the
//! target `tower_edge::timeout`. Any other is a problem, which an envelope logs.
//!
//! # Panics
//!
//! Waiting outside of a tokio runtime with its time driver on panics, as tokio's own timers do.

mod body;
mod config;
mod gate;
mod layer;
mod limit;
mod queue;
mod request_body;
mod streams;
mod terms;
mod wait;

pub use self::body::TimeoutBody;
pub use self::config::Limits;
pub use self::gate::UpstreamTimeout;
pub use self::layer::UpstreamTimeoutLayer;
use self::limit::{Due, Limit, Tell};
pub use self::queue::{QueueTimeout, QueueTimeoutFuture, QueueTimeoutLayer};
pub use self::request_body::{
    RequestBodyTimeout, RequestBodyTimeoutLayer, ResponseFuture, TimedBody,
};
use self::wait::{Wait, expired};
