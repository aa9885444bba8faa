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
//! # What it does to a request and a response
//!
//! | | a request that succeeds | a request that is refused |
//! |---|---|---|
//! | inner service | is called once | is called again after the wait, at most three times more |
//! | request fields read | `Idempotency-Key`; for the pace `Authorization`, `X-API-Key` and `Cookie` | the same |
//! | request extensions written | [`Attempts`](crate::Attempts) | the same, with the number of the attempt |
//! | response fields read | none | `Retry-After`, `grpc-retry-pushback-ms`, `grpc-status-details-bin`, `RateLimit`, `RateLimit-Policy`, `X-RateLimit-Reset` |
//! | response, or error | the inner service's | that of the last attempt |
//! | response extensions written | [`Attempts`](crate::Attempts) | [`Attempts`](crate::Attempts) |
//!
//! # Which requests are sent again
//!
//! | failure | of which requests | settings |
//! |---|---|---|
//! | 429, 503 | idempotent ones | [`with_status`](RetryLayer::with_status) adds others |
//! | gRPC's RESOURCE_EXHAUSTED and UNAVAILABLE, in a response without messages | idempotent ones | |
//! | the connection broke off before the response | idempotent ones, once | |
//! | no connection was made, or HTTP/2's `REFUSED_STREAM`: nothing was processed | all | |
//!
//! A request is idempotent by its method ([RFC 9110, section
//! 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)), by a field `Idempotency-Key`, or [by your
//! closure](RetryLayer::with_idempotent). gRPC calls are POST: list the calls that may be sent again in the closure.
//!
//! [`UpstreamFailure`](crate::UpstreamFailure) classifies the errors. It knows those of the crates whose features are
//! on: `hyper-util`, `reqwest`, `h2` and `tonic`. An error of any other type is returned.
//!
//! The layer returns the response or the error at once if
//!
//! - the request was retried [three times](RetryLayer::with_max_retries);
//! - the wait is longer than [30 s](RetryLayer::with_max_wait), or than the time to the request's
//!   [`Deadline`](tower_edge_core::Deadline), in its extensions or the current one;
//! - the [budget](RetryLayer::with_budget) is empty, so that retries do not multiply the load on an upstream that is
//!   down. A retry in a slot of a known quota, see [Pace](#pace), needs none;
//! - the body is longer than [64 KiB](RetryLayer::with_max_body). The layer keeps the body while it is sent, and does
//!   not read it before;
//! - gRPC's [pushback](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback) forbids a retry.
//!
//! # The wait
//!
//! The wait is the longest of `Retry-After`, in seconds or as a date, gRPC's `grpc-retry-pushback-ms`, and the
//! `RetryInfo` in `grpc-status-details-bin`. If `Retry-After` is one of the others, rounded up to seconds, the precise
//! one counts. Without any of these, the wait is the reset of an exhausted quota in `RateLimit`, `RateLimit-Reset` or
//! `X-RateLimit-Reset`. Without a reset, or if it is zero, the wait is 100 ms, and doubles with each attempt.
//!
//! The layer adds a random part to each wait: up to an eighth of it. If the announced wait was not enough, the random
//! part is up to twice the wait, and then up to 32 times. It never makes a wait longer than 30 s, or than the time to
//! the deadline.
//!
//! The layer keeps the refused response during the wait, and returns it if there is no other attempt. Otherwise it
//! reads up to 64 KiB of its body, so that the connection can be used again.
//!
//! # Pace
//!
//! For example, 500 tasks share a client and meet a limit of 50 requests a second. If each task retried on its own, the
//! server would refuse most requests again. So the clones of a service share the pace of a server, for each authority
//! and credential (`Authorization`, `X-API-Key`, `Cookie`):
//!
//! - After a 429, or another refusal with a wait, requests wait here until the wait is over, new ones too.
//! - Each request has a slot, in the order of arrival. The time between two slots comes from the policy in
//!   `RateLimit-Policy` whose quota is exhausted: 20 ms for `"second";q=50;w=1`. Without policies, it is the reset
//!   divided by `X-RateLimit-Limit`. Without these, there is no time between slots.
//! - Only requests with the refused path wait, until another path is refused too.
//! - A first attempt whose slot would be too late is sent at once: the server then refuses it. A retry is given up.
//! - When no request waits, the pace ends.
//!
//! Services that were made separately by a layer share no pace. [`with_pacing`](RetryLayer::with_pacing) turns the pace
//! off, for example if the credentials are in other fields.
//!
//! # Clients
//!
//! The layer sends requests with a [`ReplayBody`]. For a client with a body type of its own, a line below the layer
//! converts the requests:
//!
//! | client | below the layer |
//! |---|---|
//! | hyper-util's `Client<_, ReplayBody<B>>` | nothing: leave its type to the compiler, since a `Client<_, B>` does not take a `ReplayBody<B>` |
//! | tonic's `Channel` | `.map_request(\|request: Request<_>\| request.map(tonic::body::Body::new))` |
//! | reqwest | `.map_request(\|request: Request<_>\| request.map(reqwest::Body::wrap))`, and the conversion into its `Request` |
//!
//! Without that line, the compiler says that `Service<Request<ReplayBody<_>>>` is not implemented for the client, or
//! that `Retry<_>` has no method `call`. [`HttpClient`](../../http_client/index.html) leaves retries to this layer.
//!
//! Feature `tracing` logs each failed attempt at level DEBUG with the target `tower_edge::client`. Feature `metrics`
//! counts them in `tower_edge_client_retries_total`, by `reason` (`rate_limited`, `unavailable`, `status`, `connect`,
//! `refused`, `closed`) and `outcome` (`retried`, `exhausted`, `too_late`, `no_budget`, `not_repeatable`, `forbidden`).

mod body;
mod layer;
mod pace;
mod policy;
mod service;

pub use self::body::ReplayBody;
pub use self::layer::RetryLayer;
pub use self::service::{ResponseFuture, Retry};
