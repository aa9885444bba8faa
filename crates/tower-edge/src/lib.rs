//! Tower layers for the edge of an HTTP API: between the network and its handlers.
//!
//! ```
//! # #[cfg(all(feature = "correlation-id", feature = "envelope", feature = "rate-limit", feature = "timeout"))] {
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use http::{Request, Response};
//! use tower::{Service, ServiceExt, service_fn};
//! use tower_edge::Edge;
//! use tower_edge::correlation_id::CorrelationIdLayer;
//! use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
//! use tower_edge::rate_limit::{ApiKey, Limit, Quota, RateLimitLayer};
//! use tower_edge::timeout::UpstreamTimeoutLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let edge = Edge::new()
//!     .layer(CorrelationIdLayer::new())
//!     .layer(EnvelopeLayer::new(ProblemDetails))
//!     .layer(RateLimitLayer::new(Limit::new(Quota::per_minute(1), ApiKey)))
//!     .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)));
//!
//! // Around axum: `Router::new().route("/", get(handler)).layer(edge)`.
//! let mut service = edge.service(service_fn(async |_: Request<String>| {
//!     Ok::<_, Infallible>(Response::new(String::from("hello")))
//! }));
//!
//! let request = || Request::get("/").header("x-api-key", "pk_test_ok").body(String::new());
//! let allowed = service.ready().await?.call(request()?).await?;
//! let rejected = service.ready().await?.call(request()?).await?;
//!
//! assert_eq!(allowed.headers()["x-ratelimit-remaining"], "0");
//! assert_eq!(rejected.status(), 429);
//! assert_eq!(rejected.headers()["retry-after"], "60");
//! assert_eq!(rejected.headers()["content-type"], "application/problem+json");
//! assert!(rejected.headers().contains_key("x-correlation-id"));
//! # Ok(())
//! # }
//! # main().unwrap();
//! # }
//! ```
//!
//! | layer | adds to responses | rejects with | feature |
//! |---|---|---|---|
//! | [`CorrelationIdLayer`](correlation_id/index.html) | the id of the request | | `correlation-id` |
//! | [`EnvelopeLayer`](envelope/index.html) | the body of every error, in one format | 500, 502, … for errors of the inner service | `envelope` |
//! | [`VersionGateLayer`](version_gate/index.html) | the update that a client should make | 426, 400 | `version-gate` |
//! | [`RateLimitLayer`](rate_limit/index.html) | the limit, and what is left of it | 429 | `rate-limit` |
//! | [`UpstreamTimeoutLayer`](timeout/index.html) | | 504 | `timeout` |
//!
//! Stack them in this order in an [`Edge`](driver/index.html), outermost first, or in a `tower::ServiceBuilder`. A
//! layer that rejects a request responds with a status, header fields and a [`Problem`] in the response's extensions.
//! The envelope writes the body. Each layer also works alone: its rejections then have no body, which is logged
//! once, at level `ERROR`.
//!
//! - `axum::serve` takes responses with axum's body only. Around a `Router`, begin the builder with
//!   `.map_response(|response: Response<_>| response.map(Body::new))`.
//! - A rejection needs a body type with a `Default`. Those of the envelope and of the upstream timeout always have one,
//!   and hyper's `Incoming` has none. Around a service that responds with `Incoming`, end the builder of other layers
//!   with `.map_response(|response: Response<Incoming>| response.map(ResponseBody::inner))`.
//! - A nested `Router` that only has `.layer(stack)` loses its 404 responses. Use
//!   `nest_service(prefix, stack.service(router))`.
//!
//! A handler returns its own failures as one of these:
//!
//! | the handler has | it returns |
//! |---|---|
//! | an error of its API | an enum with [`#[derive(ApiError)]`](problem/derive.ApiError.html), or a [`Problem`] |
//! | an error of a client, such as hyper-util's or reqwest's | `.map_err(`[`problem_of`](envelope/fn.problem_of.html)`)`: 502, 503 or 504, with the error as its source |
//! | a response of an upstream | `.map_err(Problem::from)` after [`decode`](client/decode/fn.decode.html) |
//! | an error of a library that no client may see | [`Problem::new`]`(Kind::Internal)` with a [source](Problem::with_source) |
//!
//! Types that handlers and several layers use are here at the root, such as [`Problem`], [`Kind`] and [`Head`]. The
//! types that define an API's errors are in [`problem`], and those that write them in `envelope`. [`deadline`] has the
//! time that a caller waits, and [`http_ext`] the rules of HTTP that layers share. Each layer's module has its
//! settings.
//!
//! # Features
//!
//! The five layers are on by default. These are not:
//!
//! | feature | adds |
//! |---|---|
//! | `axum` | [extractors](axum/index.html) that reject with problems, and problems from the rejections of axum |
//! | `axum-multipart`, `axum-ws` | problems from the rejections of axum's features `multipart` and `ws` |
//! | `client` | layers around a [client](client/index.html) that send the correlation id and the deadline upstream, [retry](client/retry/index.html), and the [errors](client/decode/index.html) of upstreams. The limits of `timeout` then set the [current deadline](timeout/index.html#deadlines), at the cost of one reading of the clock per request |
//! | `derive` | [`#[derive(ApiError)]`](problem/derive.ApiError.html): an error enum that is the catalogue of an API ([Your own errors](https://github.com/tower-edge/tower-edge/blob/main/docs/guide/own-errors.md)) |
//! | `garde`, `validator` | an [extractor](axum/index.html) that checks a body, and names all fields that are not valid |
//! | `http-client` | an [HTTP/1.1 client](http_client/index.html) for upstreams |
//! | `forward` | the [header fields and paths](forward/index.html) that a proxy forwards |
//! | `reference` | the [error reference](reference/index.html) of an API |
//! | `server` | a [server](server/index.html) with limits on clients, a graceful shutdown and an access log |
//! | `h2`, `hyper-util`, `reqwest`, `tokio`, `tonic`, `tower` | the classification of that crate's errors by the envelope; with `tonic`, also the problems that its handlers return, except those in [streams](envelope/index.html#what-is-enveloped) |
//! | `serde` | [limits](rate_limit/struct.Limits.html) and [version policies](version_gate/struct.VersionPolicy.html) in a configuration file |
//! | `tonic-server` | the address of the peer under tonic, for limits by address and for `forward`; `axum` adds that under axum |
//! | `metrics`, `tracing` | [metrics](metrics/index.html), and a layer that measures requests; log events and spans |
//!
//! # Telemetry
//!
//! The targets of log events are stable names, for filters such as `RUST_LOG=info,tower_edge::rate_limit=debug`:
//! `tower_edge::client`, `tower_edge::correlation_id` (the span `request`, ids that are not accepted), `tower_edge::driver`
//! (a rejection that no envelope has rendered, once), `tower_edge::envelope`, `tower_edge::rate_limit`,
//! `tower_edge::timeout` and `tower_edge::version_gate`, and those of a server, `tower_edge::access` and
//! `tower_edge::server`. Fields have OpenTelemetry's names where it has one; [In production] lists them. The
//! [metrics](metrics/index.html) have names that are as stable, and labels that never hold a value that a client sent.
//!
//! [In production]: https://github.com/tower-edge/tower-edge/blob/main/docs/guide/in-production.md#logs
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "client")]
#[doc(alias("retry"))]
pub mod client;
#[cfg(feature = "correlation-id")]
#[doc(alias("request id", "trace id", "x-request-id"))]
pub mod correlation_id;
#[cfg(any(
    feature = "correlation-id",
    feature = "envelope",
    feature = "metrics",
    feature = "rate-limit",
    feature = "timeout",
    feature = "version-gate"
))]
pub mod driver;
#[cfg(feature = "envelope")]
#[doc(alias("error handler"))]
pub mod envelope;
#[cfg(feature = "forward")]
pub mod forward;
#[cfg(feature = "http-client")]
pub mod http_client;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod problem;
#[cfg(feature = "rate-limit")]
#[doc(alias("governor", "throttle"))]
pub mod rate_limit;
#[cfg(feature = "reference")]
pub mod reference;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "timeout")]
#[doc(alias("deadline"))]
pub mod timeout;
#[cfg(feature = "version-gate")]
#[doc(alias("api version"))]
pub mod version_gate;

#[cfg(any(feature = "client", feature = "http-client"))]
mod attempts;
#[cfg(any(feature = "client", feature = "envelope"))]
mod base64_decoder;
#[cfg(feature = "derive")]
mod derive;
#[cfg(any(feature = "rate-limit", feature = "timeout", feature = "version-gate"))]
mod enforcement;
#[cfg(any(
    feature = "client",
    feature = "envelope",
    feature = "server",
    feature = "timeout"
))]
mod error_sources;
#[cfg(any(feature = "client", feature = "timeout"))]
mod grpc_rejection;
mod matched_path;
#[cfg(any(feature = "forward", feature = "rate-limit"))]
mod network;
mod peer_addr;
#[cfg(feature = "timeout")]
mod propagation;
#[cfg(all(feature = "axum", feature = "reference"))]
mod reference_router;
#[cfg(any(feature = "client", feature = "server", feature = "timeout"))]
mod rejection;
#[cfg(any(feature = "rate-limit", feature = "version-gate"))]
mod reload;
#[cfg(all(
    any(feature = "rate-limit", feature = "version-gate"),
    feature = "serde"
))]
mod serde;
mod telemetry;

pub use tower_edge_core::{
    BoxError, EmptyBody, Head, Kind, Problem, ResponseBody, deadline, http_ext,
};

#[cfg(any(feature = "client", feature = "http-client"))]
pub use self::attempts::Attempts;
#[cfg(feature = "derive")]
#[doc(hidden)]
pub use self::derive::__private;
#[cfg(feature = "derive")]
#[doc(inline)]
pub use self::derive::ApiError;
#[cfg(any(
    feature = "correlation-id",
    feature = "envelope",
    feature = "metrics",
    feature = "rate-limit",
    feature = "timeout",
    feature = "version-gate"
))]
#[doc(inline)]
pub use self::driver::Edge;
#[cfg(any(feature = "rate-limit", feature = "timeout", feature = "version-gate"))]
pub use self::enforcement::{Enforcement, Percent, PercentError};
#[cfg(any(
    feature = "client",
    feature = "envelope",
    feature = "server",
    feature = "timeout"
))]
pub use self::error_sources::UpstreamFailure;
#[cfg(any(feature = "forward", feature = "rate-limit"))]
pub use self::network::{Network, NetworkError};
#[cfg(any(feature = "rate-limit", feature = "version-gate"))]
pub use self::reload::ReloadHandle;

#[cfg(all(doctest, feature = "derive"))]
#[doc = include_str!("../README.md")]
mod readme {}
