//! Responds with 504 when a service does not respond in time, and ends a body that stalls.
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
//! # What it does to a request and a response
//!
//! | | a response in time | a limit that expires |
//! |---|---|---|
//! | inner service | is called | its future or its body is dropped; after the caller's deadline it is not called |
//! | request fields read | `Content-Type` and `Accept`, by which it knows gRPC and streams; those of [`with_deadlines`](UpstreamTimeoutLayer::with_deadlines) | the same |
//! | request extensions written | the [`Deadline`](tower_edge_core::Deadline), with `with_deadlines` | the same |
//! | status | the inner service's | 504; to gRPC 200 with the status `DEADLINE_EXCEEDED` |
//! | response fields written | none | none; to gRPC `Content-Type`, `grpc-status` and `grpc-message` |
//! | response extensions written | none | a [`Problem`](tower_edge_core::Problem) |
//! | body | a [`TimeoutBody`], with the frames of the inner body | empty; a body that has begun fails |
//!
//! # The limits
//!
//! | limit of an [`UpstreamTimeoutLayer`] | time | default | when it expires |
//! |---|---|---|---|
//! | [head](UpstreamTimeoutLayer::new) | until the head of the response | none: it is the argument of `new` | 504 |
//! | [idle](UpstreamTimeoutLayer::with_idle) | between two frames of the body | 60 seconds, or the limit on the head if that is longer | the body fails |
//! | [total](UpstreamTimeoutLayer::with_total) | until the end of the body, except for event streams, gRPC and connections | five minutes more than the limit on the head | 504, or the body fails |
//! | [deadline](UpstreamTimeoutLayer::with_deadlines) | until the caller stops waiting, except for connections | off | 504, or the body fails |
//!
//! Two layers limit other times: a [`RequestBodyTimeoutLayer`] the body of the request, with 408, and a
//! [`QueueTimeoutLayer`] the wait until the inner service is ready, with 503.
//!
//! # The head
//!
//! The time begins when the layer first waits for the inner service. The layer polls the inner service before it reads
//! the clock, so a response that is ready in time is never dropped. When a limit expires, the layer drops the inner
//! future and responds with 504 and a [`Problem`](tower_edge_core::Problem) that carries
//! [`TimeoutFacts`](tower_edge_core::problem::TimeoutFacts). A request that never waits makes no timer. A request that
//! waits makes one timer until its head is there, and one for its body.
//!
//! To a request of gRPC the response is
//! [Trailers-Only](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses) with the status
//! `DEADLINE_EXCEEDED`. So the layer can stand alone around a tonic `Channel`.
//!
//! A 504 does not mean that the request was not executed: an upstream may continue with the work, and so may spawned
//! tasks. Only send idempotent requests again.
//!
//! The limit on the head includes the time in which the request's own body is sent. Choose it with the largest upload
//! in mind, or limit uploads further out. Of nested limits, the inner ones should be shorter: an outer timeout hides
//! the facts of an inner one.
//!
//! # The body
//!
//! Once the head is sent, a 504 is impossible. A body that stalls fails with the same problem and the same facts, which
//! aborts the response. An envelope logs the problem, and writes it as the last event of an event stream or the
//! trailers of a gRPC response. Total and deadline also count for frames that are ready at once: a frame that the
//! client takes after the limit is not sent, unless it completes the body. Choose a total with the slowest reader in
//! mind.
//!
//! After a switch of protocols (101, or a 2xx to `CONNECT`), total and deadline end with the head. The idle limit
//! continues if the connection is the body of the response, as over HTTP/2. Turn it off for routes whose connections
//! may be silent.
//!
//! # Deadlines
//!
//! With feature `client`, or with [`with_deadlines`](UpstreamTimeoutLayer::with_deadlines), the limit on the head,
//! or the caller's deadline if that is earlier, is the [current](tower_edge_core::Deadline::current) deadline of the
//! inner service.
//! [`PropagateDeadlineLayer`](../client/deadline/struct.PropagateDeadlineLayer.html) sends it upstream. For example,
//! with a deadline of 5 seconds from the caller and a limit of 2 seconds around the client, the upstream receives at
//! most 2 seconds. While the body of the response is read, only the caller's deadline is current.
//!
//! A response may be a stream if the request is gRPC or gRPC-Web, or accepts `text/event-stream`. If the caller of such
//! a request has no deadline, none is current: with one, an upstream would end the stream, since a
//! [`grpc-timeout`](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests) limits the whole call. If
//! all calls are unary, set [`with_streams_by(|_, _| false)`](UpstreamTimeoutLayer::with_streams_by). If a caller's
//! deadline is longer than the limit on the head, and its streams should last as long, choose a longer limit for them
//! by [`with_timeouts_by`](UpstreamTimeoutLayer::with_timeouts_by).
//!
//! # Telemetry
//!
//! Feature `metrics` counts timeouts in `tower_edge_timeouts_total` (labels `phase`, `upstream`, `operation` and
//! `result`). It measures an upstream that has a [name](UpstreamTimeoutLayer::with_upstream) in
//! `tower_edge_upstream_duration_seconds`: from the first wait to the head of the response. Feature `tracing` logs a
//! timeout that is [not enforced](UpstreamTimeoutLayer::with_enforcement) at `WARN`, under the target
//! `tower_edge::timeout`. Any other is a problem, which an envelope logs.
//!
//! # Panics
//!
//! The layer panics if it waits outside of a tokio runtime with its time driver on, as tokio's timers do.

mod body;
mod config;
mod expiry;
mod gate;
mod layer;
mod queue;
mod request;
mod request_body;

pub use self::body::TimeoutBody;
pub use self::config::Timeouts;
pub use self::gate::UpstreamTimeout;
pub use self::layer::UpstreamTimeoutLayer;
pub use self::queue::{QueueTimeout, QueueTimeoutLayer};
pub use self::request_body::{
    RequestBodyTimeout, RequestBodyTimeoutFuture, RequestBodyTimeoutLayer,
};
pub use crate::rejection::ResponseFuture;
