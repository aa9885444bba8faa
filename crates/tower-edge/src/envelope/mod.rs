//! Writes every error of a service in one format: that of the API.
//!
//! ```
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Empty};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::envelope::EnvelopeLayer;
//! use tower_edge::envelope::format::ProblemDetails;
//! use tower_edge::{Kind, Problem};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new().layer(EnvelopeLayer::new(ProblemDetails)).service(service_fn(
//!     async |_: Request<()>| Err::<Response<Empty<_>>, _>(Problem::new(Kind::NotFound)),
//! ));
//!
//! let response = service.oneshot(Request::new(())).await?;
//!
//! assert_eq!(response.status(), 404);
//! assert_eq!(response.headers()["content-type"], "application/problem+json");
//! let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
//! assert_eq!(
//!     body,
//!     r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"The requested resource was not found."}"#,
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # What it does to a request and a response
//!
//! | | a response that passes through | an error |
//! |---|---|---|
//! | inner service | is called | is called, unless it failed to become ready |
//! | request fields read | `Content-Type`, by which it knows gRPC; `Accept` with [`ByAccept`] | the same |
//! | request extensions read | the [`CorrelationId`] and the [`JsonRpcIds`] | the same |
//! | status | the inner service's | that of the problem, or of its row in the format's catalogue |
//! | response fields written | none | `Content-Type`, `Retry-After`, the problem's own, and those of the format; `Vary` by a selector |
//! | response fields removed | none | those about the body that is replaced |
//! | body | the inner body, in a [`ResponseBody`](crate::ResponseBody) | the format's |
//!
//! # What is enveloped
//!
//! | the inner service | the client receives |
//! |---|---|
//! | responds with a [`Problem`](tower_edge_core::Problem) in the extensions, as layers and handlers do | that problem |
//! | fails with an `Err`, or to become ready | the problem in the chain of its causes, else [what the error is](classify) |
//! | panics | an internal error |
//! | responds with a bare 4xx or 5xx: without a `Content-Type`, or with `text/plain` | the problem of that status. `Retry-After`, `Allow`, `WWW-Authenticate` and `Upgrade` are kept in it, the text of a 4xx only [by a setting](EnvelopeLayer::with_client_error_text), that of a 5xx for the log |
//! | responds with another 4xx or 5xx, in a format of its own | the same response, unless an [`UpstreamErrorPolicy`] wraps or replaces it |
//! | responds with an event stream that fails or panics between two events | an `event: error` whose data is the problem in one line |
//! | responds to gRPC or gRPC-Web with a body that fails or panics | the status, in trailers, or after a whole message in a frame of trailers |
//! | responds with any other body that fails or panics | an aborted response, so that a part is not taken for the whole |
//!
//! A 401 that the envelope writes has the challenge `Bearer`, unless the problem or the response has another
//! `WWW-Authenticate` ([RFC 9110, section 15.5.2](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2)).
//!
//! These pass through, to the byte and with all extensions: 1xx and 101, 2xx, redirects, 304, event streams, and what
//! an envelope further in has written. The envelope reads no inner body, except for a text that it is set to keep, and the
//! text of a bare 5xx if it is logged. It reads 1 KiB at most, and nothing that is not ready with the head.
//!
//! A gRPC request gets trailers only, and a gRPC-Web request a frame of trailers, whatever the format is. A status that
//! the inner service has written passes through. The one exception is a problem that a handler of tonic returns as its
//! `Status`, with the feature `tonic`: the envelope writes it. If a stream has the problem as an item, tonic writes it
//! as trailers. It is then sent without `error_id` and domain, and not emitted, so log it where it is made.
//!
//! The inner service is always called, unless it failed to become ready.
//!
//! The response keeps the header fields of the error, such as those of CORS. Fields about the replaced body are
//! removed. So are those that name the error, such as `X-Error-Code`, if no problem describes it. A response to `HEAD`
//! has no body.
//!
//! # The order of layers
//!
//! The envelope stands outside of all layers that reject. The error type of its service is `Infallible`, so you need no
//! `HandleErrorLayer`. In an [`Edge`](crate::Edge) and in a `ServiceBuilder` the layer that is added first is
//! outermost:
//!
//! ```
//! # use std::time::Duration;
//! use tower::ServiceBuilder;
//! use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
//! use tower_edge::timeout::UpstreamTimeoutLayer;
//!
//! let layers = ServiceBuilder::new()
//!     .layer(EnvelopeLayer::new(ProblemDetails))
//!     .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)));
//! # let _ = layers;
//! ```
//!
//! On an axum `Router` each `.layer(…)` stands outside of those before it, so that the last is outermost. Put the whole
//! stack into one `.layer(ServiceBuilder::new()…)`. If the layers are added one by one in the order above, the envelope
//! is innermost, and a rejection leaves with an empty body. The feature `tracing` then logs once, at level `ERROR`,
//! under the target `tower_edge::driver`: "a rejection left with an empty body, since no envelope rendered it: put
//! `EnvelopeLayer` outside of the layer that rejects; on an axum `Router`, the last `.layer()` is the outermost".
//!
//! Inside of a [`FirstFrameErrorLayer`], a body that fails at its first frame is an `Err`, which the envelope writes.
//! Outside of the envelope, a [`JsonRpcIdLayer`] finds the ids that JSON-RPC errors repeat.
//!
//! # Telemetry
//!
//! The envelope emits each problem once, as a [`ProblemEvent`]:
//!
//! - to [`on_problem`](EnvelopeLayer::on_problem);
//! - to the feature `tracing`, which logs it at its [level](tower_edge_core::Problem::level), `ERROR` or `DEBUG` by
//!   default, under the target `tower_edge::envelope`, with the errors that caused it, which no client receives;
//! - to the feature `metrics`, which counts it in `tower_edge_problems_total` (labels `key`, `status` and `format`).
//!
//! A panic of the inner future when it is dropped is emitted too, although the response was complete before, and is
//! sent. A response that passes through keeps data for the case that its body fails later: if any of the three is on,
//! if [`with_classify`](EnvelopeLayer::with_classify) is set, and for an event stream or gRPC-Web. The next response on
//! the thread reuses that memory.
//!
//! A request that its client abandons is no problem. It is dropped with its future or its body, and nothing is emitted.
//! Count such requests at the server.

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
mod recent;
mod render;
mod rewrite;
mod selector;
mod stream;
mod strip_headers;

pub use tower_edge_core::http_ext::ErrorChain;
pub use tower_edge_core::{Context, CorrelationId, Format, JsonRpcId, JsonRpcIds, Panicked};

pub use self::by_accept::ByAccept;
pub use self::classify::{UpstreamErrors, classify, problem_of};
pub use self::event::ProblemEvent;
pub use self::first_frame::{
    FirstFrameBody, FirstFrameErrorFuture, FirstFrameErrorLayer, FirstFrameErrorService,
};
pub use self::gate::Envelope;
pub use self::json_rpc_id::{JsonRpcIdLayer, JsonRpcIdService, TeeBody};
pub use self::layer::EnvelopeLayer;
pub use self::recent::{RecentProblem, RecentProblems};
pub use self::rewrite::UpstreamErrorPolicy;
pub use self::selector::{ByPath, FormatSelector, SelectedFormat};
