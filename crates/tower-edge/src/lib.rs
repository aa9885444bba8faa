//! Tower layers for the edge of an HTTP API: between the network and its handlers.
//!
//! | layer | adds | refuses with | feature |
//! |---|---|---|---|
//! | [`CorrelationIdLayer`](correlation_id::CorrelationIdLayer) | an id on every request and answer | – | `correlation-id` |
//! | [`EnvelopeLayer`](envelope::EnvelopeLayer) | every error in one format | 404, 405, 413, 500, 502, … of what is inside | `envelope` |
//! | [`VersionGateLayer`](version_gate::VersionGateLayer) | what there is to update to | 426, 400 | `version-gate` |
//! | [`RateLimitLayer`](rate_limit::RateLimitLayer) | where the client stands | 429 | `rate-limit` |
//! | [`UpstreamTimeoutLayer`](upstream_timeout::UpstreamTimeoutLayer) | limits on the time | 504, 503 | `upstream-timeout` |
//!
//! Stack them in this order, outermost first. A layer that refuses says so in a status, header fields
//! and a [`Problem`](core::Problem) in the response's extensions; the envelope writes the body. Each
//! also works alone, and then answers with status and header fields only.
//!
//! Outside of an axum `Router`, begin the builder with
//! `.map_response(|response: Response<_>| response.map(Body::new))`, since `axum::serve` takes axum's
//! body only. Where the innermost service answers with hyper's `Incoming`, which has no default, end
//! it with `.map_response(|response: Response<Incoming>| response.map(ResponseBody::inner))`. A nested
//! `Router` that is only layered loses its 404s: use `nest_service(prefix, stack.service(router))`.
//!
//! # Features
//!
//! The five layers are on by default. `axum`, `h2`, `hyper-util`, `reqwest`, `tokio`, `tonic` and
//! `tower` add conversions and tell the errors of that crate apart, and `axum` extractors whose
//! rejections are problems; `axum-multipart` and `axum-ws` convert the rejections of axum's own features
//! of that name; `axum` and `tonic-server` also let a rate limit count by the peer that they know;
//! `server` adds what a server needs in front of its services, `client` an HTTP/1.1 client for upstreams,
//! `forward` what a proxy does to header fields, and `propagate` what a client passes on of the request
//! that it works for; `request-body-timeout` answers 408 to a body that does not come;
//! `tracing` opens a span for each request, and logs each problem with the errors behind it, which no
//! client sees; `metrics` counts them.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use tower_edge_core as core;

#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "correlation-id")]
pub mod correlation_id;
#[cfg(feature = "envelope")]
pub mod envelope;
#[cfg(feature = "forward")]
pub mod forward;
#[cfg(feature = "propagate")]
pub mod propagate;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;
#[cfg(feature = "request-body-timeout")]
pub mod request_body_timeout;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "upstream-timeout")]
pub mod upstream_timeout;
#[cfg(feature = "version-gate")]
pub mod version_gate;

#[cfg(feature = "envelope")]
mod error_sources;

// What a feature changes inside: a module of the same name, or one that does nothing.
#[cfg(all(feature = "version-gate", not(feature = "metrics")))]
#[path = "count/no_judgements.rs"]
mod count_judgements;
#[cfg(all(feature = "version-gate", feature = "metrics"))]
#[path = "count/judgements.rs"]
mod count_judgements;
#[cfg(all(feature = "rate-limit", not(feature = "metrics")))]
#[path = "count/no_limits.rs"]
mod count_limits;
#[cfg(all(feature = "rate-limit", feature = "metrics"))]
#[path = "count/limits.rs"]
mod count_limits;
#[cfg(all(feature = "envelope", not(feature = "metrics")))]
#[path = "count/no_problems.rs"]
mod count_problems;
#[cfg(all(feature = "envelope", feature = "metrics"))]
#[path = "count/problems.rs"]
mod count_problems;
#[cfg(all(
    any(
        feature = "propagate",
        feature = "request-body-timeout",
        feature = "upstream-timeout"
    ),
    not(feature = "metrics")
))]
#[path = "count/no_timeouts.rs"]
mod count_timeouts;
#[cfg(all(
    any(
        feature = "propagate",
        feature = "request-body-timeout",
        feature = "upstream-timeout"
    ),
    feature = "metrics"
))]
#[path = "count/timeouts.rs"]
mod count_timeouts;
#[cfg(all(feature = "version-gate", not(feature = "tracing")))]
#[path = "log/no_judgements.rs"]
mod log_judgements;
#[cfg(all(feature = "version-gate", feature = "tracing"))]
#[path = "log/judgements.rs"]
mod log_judgements;
#[cfg(all(feature = "rate-limit", not(feature = "tracing")))]
#[path = "log/no_limits.rs"]
mod log_limits;
#[cfg(all(feature = "rate-limit", feature = "tracing"))]
#[path = "log/limits.rs"]
mod log_limits;
#[cfg(all(feature = "envelope", not(feature = "tracing")))]
#[path = "log/no_problems.rs"]
mod log_problems;
#[cfg(all(feature = "envelope", feature = "tracing"))]
#[path = "log/problems.rs"]
mod log_problems;
#[cfg(all(
    any(feature = "request-body-timeout", feature = "upstream-timeout"),
    not(feature = "tracing")
))]
#[path = "log/no_timeouts.rs"]
mod log_timeouts;
#[cfg(all(
    any(feature = "request-body-timeout", feature = "upstream-timeout"),
    feature = "tracing"
))]
#[path = "log/timeouts.rs"]
mod log_timeouts;
#[cfg(all(feature = "correlation-id", not(feature = "tracing")))]
#[path = "span/absent.rs"]
mod span;
#[cfg(all(feature = "correlation-id", feature = "tracing"))]
#[path = "span/tracing.rs"]
mod span;
#[cfg(any(feature = "request-body-timeout", feature = "upstream-timeout"))]
mod time_limit;

mod peer_addr;
#[cfg(all(
    any(
        feature = "rate-limit",
        all(feature = "correlation-id", feature = "tracing")
    ),
    not(feature = "axum")
))]
#[path = "route/absent.rs"]
mod route;
#[cfg(all(
    any(
        feature = "rate-limit",
        all(feature = "correlation-id", feature = "tracing")
    ),
    feature = "axum"
))]
#[path = "route/axum.rs"]
mod route;
#[cfg(feature = "metrics")]
#[cfg(test)]
mod counted;
#[cfg(all(
    feature = "metrics",
    feature = "propagate",
    feature = "request-body-timeout"
))]
#[cfg(test)]
#[path = "count/timeouts_of_layers.rs"]
mod counted_timeouts;
#[cfg(any(feature = "server", feature = "tracing"))]
#[cfg(test)]
mod logged;
#[cfg(all(
    feature = "correlation-id",
    feature = "envelope",
    feature = "rate-limit",
    feature = "tracing",
    feature = "version-gate"
))]
#[cfg(test)]
#[path = "log/floods.rs"]
mod logged_floods;
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
