//! Gives every request an id that its response, its logs and its calls upstream share.
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::correlation_id::{CorrelationId, CorrelationIdLayer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new().layer(CorrelationIdLayer::new()).service(service_fn(
//!     async |request: Request<()>| {
//!         let id = request.extensions().get::<CorrelationId>().map(ToString::to_string);
//!         Ok::<_, std::convert::Infallible>(Response::new(id))
//!     },
//! ));
//!
//! let request = Request::get("/").header("x-correlation-id", "req_abc123xyz").body(())?;
//! let response = service.oneshot(request).await?;
//!
//! assert_eq!(response.headers()["x-correlation-id"], "req_abc123xyz");
//! assert_eq!(response.into_body().into_inner().as_deref(), Some("req_abc123xyz"));
//! # Ok(())
//! # }
//! ```
//!
//! The id is the first valid one of `X-Correlation-ID` and `X-Request-ID`. A valid id has 1 to 200 of the characters
//! that common generators of ids use: [`AcceptedIds`] lists them, and has a stricter and a wider set. A field that
//! occurs twice is not valid. A request without a valid id gets a new one of 32 hexadecimal digits, which costs no
//! system call; [`Ids`] has other formats. If a layer further out has set an id, that id stays.
//!
//! Feature `tracing` logs at level DEBUG that an id was not accepted, and why. The log never has the rejected text.
//!
//! # What it does to a request and a response
//!
//! | | a request with a valid id | another request |
//! |---|---|---|
//! | inner service | is called | is called |
//! | request fields read | `X-Correlation-ID`, then `X-Request-ID`; for its trace `traceparent` and `tracestate` | the same |
//! | request fields written | none; [if rewritten](CorrelationIdLayer::with_rewritten_request) `X-Correlation-ID`, and `X-Request-ID` if the request has it | the same; if rewritten, a `traceparent` that is not valid or not trusted is removed |
//! | request extensions written | the [`CorrelationId`] | a new [`CorrelationId`]; an id that is not [trusted](CorrelationIdLayer::with_trust) as [`ClientCorrelationId`] |
//! | status | the inner service's | the inner service's |
//! | response fields written | exactly one `X-Correlation-ID` | the same |
//! | response extensions written | none; [if set](CorrelationIdLayer::with_response_extension) the [`CorrelationId`] | the same |
//!
//! # Where code finds the id
//!
//! | code | finds it in |
//! |---|---|
//! | a handler of axum | an argument of type [`CorrelationId`] (feature `axum`) |
//! | layers and handlers further in | the request's extensions; [if rewritten](CorrelationIdLayer::with_rewritten_request), its header field |
//! | layers further out | the response's header field; [if set](CorrelationIdLayer::with_response_extension), its extensions |
//! | code without the request | [`CorrelationId::current`], with feature `client` |
//! | calls upstream | [`PropagateCorrelationIdLayer`](../client/correlation_id/index.html), which sends it |
//!
//! Feature `client` sets the [`RequestContext`] that the last two rows read. It is set while the inner service is
//! called, while its future is polled, and while the body of its response is polled or dropped. [`in_current_context`]
//! takes it along into a task. The context also has the trace of a request that is
//! [trusted](CorrelationIdLayer::with_trust).
//!
//! If the inner service fails with an error, the client gets no id, since an error has no header fields. Put an
//! [`EnvelopeLayer`](../envelope/struct.EnvelopeLayer.html) inside, which turns errors into responses.
//!
//! Browsers show the field to a page of another origin only if CORS exposes it (`Access-Control-Expose-Headers`). An id
//! is no secret and no proof of anything.
//!
//! # Telemetry
//!
//! Feature `tracing` opens a span `request` at `INFO` for each request, under the target `tower_edge::correlation_id`:
//!
//! | field | is |
//! |---|---|
//! | `correlation.id` | the id |
//! | `correlation.client_id` | an id of the client that was not [trusted](CorrelationIdLayer::with_trust) |
//! | `http.request.method` | the first 32 bytes of it |
//! | `http.route` | the template of the route: a [`RouteTemplate`] in the request's extensions, or with feature `axum` the `MatchedPath` of the `Router` that the layer stands in |
//! | `http.response.status_code`, `problem.key` | those of the response |
//! | `error.type` | without a response: `error` if the inner service failed, `panic`, `aborted` if the caller stopped waiting |
//! | `duration_us` | microseconds until the head of the response, or until the error |
//! | `otel.kind`, `otel.name` | nothing; a hook may record them |
//!
//! [`on_span`](struct.CorrelationIdLayer.html#method.on_span) is the hook. A tracer such as `tracing-opentelemetry` links the span to the
//! incoming trace there.

mod config;
mod gate;
mod generate;
mod layer;
mod request_context;

pub use tower_edge_core::{
    AcceptedIds, ClientCorrelationId, CorrelationId, GenerateId, InvalidCorrelationId, PeerAddress,
    RequestContext, RouteTemplate, TraceContext, TraceParent,
};

pub use self::gate::SetCorrelationId;
pub use self::generate::Ids;
pub use self::layer::CorrelationIdLayer;
pub use self::request_context::{InContext, in_current_context};
