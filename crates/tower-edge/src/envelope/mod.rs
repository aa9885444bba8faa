//! Writes every error of a service in one format: that of the API.
//!
//! An error is a [`Problem`](tower_edge_core::Problem) in a response's extensions, an `Err` of the inner service, a
//! panic, or a bare response: a 4xx or 5xx without a `Content-Type`, or with `text/plain`. Frameworks send their 404
//! like this. Text that a handler sends without a type of its own is dropped too; a `Problem` is kept. Each error
//! becomes status, header fields and body once, in the [`Format`] that was chosen for the request. A gRPC request gets
//! trailers only, and one in gRPC-Web a frame of trailers, whatever was chosen.
//!
//! An error that the inner service has written in a format of its own passes through, unless [`UpstreamErrorPolicy`] says
//! otherwise. So does everything else: 1xx and 101, 2xx, redirects, 304, event streams. All extensions of a response
//! are kept. No inner body is read.
//!
//! The inner service is always called, with two exceptions: it failed to become ready, or a layer further out has left
//! a [rejection](tower_edge_core::PendingRefusal) for the envelope to send. The header fields of an error are kept
//! (`Allow`, `WWW-Authenticate`, `Retry-After`, those of CORS), except for those that describe the body that is
//! replaced. Where no problem says what the error is, those that name it, such as `X-Error-Code`, go too. A response
//! to `HEAD` has no body. The error of the service is `Infallible`, so that no `HandleErrorLayer` is needed.
//!
//! A success whose body fails or panics cannot become an error any more. A gRPC response then ends with trailers, one
//! in gRPC-Web between two messages with a frame of them, and an [event
//! stream](https://html.spec.whatwg.org/multipage/server-sent-events.html) between two events with an `event: error`
//! whose data is the problem in one line. All others are aborted, so that no client takes what it has for the whole.
//! The error by which the server aborts is the problem, with what went wrong as its source. Inside of a
//! [`FirstFrameErrorLayer`] a body that breaks off before it began is an error like any other. JSON-RPC errors repeat
//! the ids of their requests if a [`JsonRpcIdLayer`] stands outside of the envelope.
//!
//! ```
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Empty};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::envelope::EnvelopeLayer;
//! use tower_edge_formats::PlexMcp;
//! use tower_edge::{Kind, Problem};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new().layer(EnvelopeLayer::new(PlexMcp)).service(service_fn(
//!     async |_: Request<()>| Err::<Response<Empty<_>>, _>(Problem::new(Kind::NotFound)),
//! ));
//!
//! let response = service.oneshot(Request::new(())).await?;
//!
//! assert_eq!(response.status(), 404);
//! assert_eq!(
//!     response.into_body().collect().await.map_err(|e| e.to_string())?.to_bytes(),
//!     r#"{"success":false,"error":{"code":"not_found","message":"Resource not found"}}"#,
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # Telemetry
//!
//! Each problem is reported once, to [`on_problem`](EnvelopeLayer::on_problem) and to both features:
//!
//! - `tracing` logs it at its [level](tower_edge_core::Problem::level), `ERROR` or `DEBUG` by default, under the target
//!   `tower_edge::envelope`, with the errors behind it, which no client is sent.
//! - `metrics` counts it in `errors_total` (labels `key`, `status` and `format`).
//!
//! A panic of the inner future as it is dropped is reported too, although the response before it was whole, and is
//! sent. While anything is reported, each response that passes through costs one allocation, which holds what is
//! reported if the body fails later. For an event stream and for gRPC-Web that is always so.
//!
//! A request that its client abandons is no problem. It is dropped with its future or its body, and nothing is
//! reported. Count such requests at the server.

mod bare;
mod body;
mod buffer_pool;
mod by_accept;
mod classify;
mod config;
mod event;
mod first_frame;
pub mod format;
mod gate;
mod json_rpc_id;
mod layer;
mod render;
mod rewrite;
mod selector;
mod stream;
mod strip_headers;

pub use tower_edge_core::http_ext::ErrorChain;
pub use tower_edge_core::{Context, CorrelationId, Format, JsonRpcId, JsonRpcIds, Panicked};

pub use self::by_accept::ByAccept;
pub use self::classify::{UpstreamErrors, UpstreamFailure, classify, problem_of};
pub use self::event::ProblemEvent;
pub use self::first_frame::{
    FirstFrameBody, FirstFrameErrorFuture, FirstFrameErrorLayer, FirstFrameErrorService,
};
pub use self::gate::Envelope;
pub use self::json_rpc_id::{JsonRpcIdLayer, JsonRpcIdService, TeeBody};
pub use self::layer::EnvelopeLayer;
pub use self::rewrite::UpstreamErrorPolicy;
pub use self::selector::{ByPath, FormatSelector, SelectedFormat};
