//! Sends a request again when an upstream refused it, and waits as long as the upstream says.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Empty;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::Attempts;
//! use tower_edge::client::retry::{ReplayBody, RetryLayer};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), tower_edge::BoxError> {
//! // An upstream that is busy at first.
//! let upstream = service_fn(async |request: Request<ReplayBody<Empty<Bytes>>>| {
//!     let mut response = Response::new(String::new());
//!     if request.extensions().get() == Some(&Attempts(1)) {
//!         *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
//!         response.headers_mut().insert("retry-after", 2.into());
//!     }
//!     Ok::<_, Infallible>(response)
//! });
//! let client = ServiceBuilder::new().layer(RetryLayer::new()).service(upstream);
//!
//! let response = client.oneshot(Request::get("/media").body(Empty::new())?).await?;
//!
//! assert_eq!(response.status(), StatusCode::OK);
//! assert_eq!(response.extensions().get(), Some(&Attempts(2)));
//! # Ok(())
//! # }
//! ```
//!
//! # What is sent again
//!
//! | failure | of which requests | settings |
//! |---|---|---|
//! | 429, 503 | idempotent ones | [`with_status`](RetryLayer::with_status) adds others |
//! | gRPC's RESOURCE_EXHAUSTED and UNAVAILABLE, in a response without messages | idempotent ones | |
//! | the connection broke off before the response | idempotent ones, once | |
//! | no connection, no address, or HTTP/2's `REFUSED_STREAM`: nothing was processed | all | |
//!
//! A request is idempotent by its method
//! ([RFC 9110, section 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)), by a field `Idempotency-Key`, or
//! [as you say](RetryLayer::with_idempotent). Calls of gRPC are POST: name those that may be sent again.
//!
//! Errors are classified as [`UpstreamFailure`](super::UpstreamFailure) does, which knows those of the crates whose
//! features are on: `hyper-util`, `reqwest`, `h2` and `tonic`. An error of another type is returned.
//!
//! The response or the error is returned at once when
//!
//! - the request was retried [three times](RetryLayer::with_max_retries);
//! - the wait is longer than [30 s](RetryLayer::with_max_wait), or than the time to the request's
//!   [`Deadline`](tower_edge_core::Deadline), in its extensions or the current one;
//! - the [budget](RetryLayer::with_budget) is empty, so that retries do not multiply the load on an upstream that is down;
//! - the body is longer than [64 KiB](RetryLayer::with_max_body). It is kept while it is sent, and not read before;
//! - gRPC's [pushback](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback) forbids a retry.
//!
//! # The wait
//!
//! It is the longest of `Retry-After`, in seconds or as a date, gRPC's `grpc-retry-pushback-ms`, and the `RetryInfo` in
//! `grpc-status-details-bin`. Without any of these it is the reset of an exhausted quota in `RateLimit`, `RateLimit-Reset`
//! or `X-RateLimit-Reset`. Without that it is 100 ms, and doubles with each attempt. A random part is added to each wait,
//! and never taken away.
//!
//! # Pace
//!
//! 500 tasks that share a client meet a limit of 50 a second. Sent again by each on its own, most of their requests would
//! be refused again. So the clones of a layer share what a server allows, for each authority and credential
//! (`Authorization` or `X-API-Key`):
//!
//! - To a new server at most 16 requests are in flight, and one more for each that it accepts. A request waits for this
//!   for at most half a second.
//! - After a 429, or another refusal with a wait, requests wait here until then. They are then sent one by one, in their
//!   order: as often as `RateLimit-Policy` says, or else by a guess. Each further refusal makes the interval
//!   longer, and accepted requests shorten it again.
//! - Only requests with the refused path wait, until another path is refused too.
//! - A request that would wait for too long is sent at once, for the server to refuse.
//!
//! [`with_pacing`](RetryLayer::with_pacing) turns this off.
//!
//! # Clients
//!
//! The inner service takes requests with a [`ReplayBody`]. A pooled client of hyper-util takes it as it is. For a tonic
//! `Channel` put `.map_request(|request: Request<_>| request.map(tonic::body::Body::new))` below the layer, and for reqwest
//! `.map_request(|request: Request<_>| request.map(reqwest::Body::wrap))` and the conversion into reqwest's request.
//! [`HttpClient`](../../http_client/index.html) leaves its own retry to this layer.
//!
//! Feature `tracing` logs each failed attempt at level DEBUG with the target `tower_edge::client`. Feature `metrics` counts
//! them in `client_retries_total`, by `reason` (`rate_limited`, `unavailable`, `status`, `connect`, `refused`, `closed`) and
//! `outcome` (`retried`, `exhausted`, `too_late`, `no_budget`, `not_repeatable`, `forbidden`).

mod body;
mod layer;
mod pace;
mod policy;
mod service;

pub use self::body::ReplayBody;
pub use self::layer::RetryLayer;
pub use self::service::{ResponseFuture, Retry};
