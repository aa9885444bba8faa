//! Limits how much each client may do, and describes in header fields what is left.
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::rate_limit::{ApiKey, ClientAddress, KeyExtractor, Limit, Quota, RateLimitLayer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! const QUOTA: Quota = Quota::per_minute(1);
//!
//! let limit = RateLimitLayer::new(Limit::new(QUOTA, ApiKey.or(ClientAddress::new())));
//! let mut service = ServiceBuilder::new().layer(limit).service(service_fn(
//!     async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new("hello")),
//! ));
//! let request = || Request::get("/").header("x-api-key", "pk_test_ok").body(());
//!
//! let first = service.ready().await?.call(request()?).await?;
//! let second = service.ready().await?.call(request()?).await?;
//!
//! assert_eq!(first.headers()["x-ratelimit-remaining"], "0");
//! assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
//! assert_eq!(second.headers()["retry-after"], "60");
//! # Ok(())
//! # }
//! ```
//!
//! A request is charged to a [`Key`], under the [`Quota`]s of one or more [`Limit`]s. If all of them allow it, all are
//! charged. If one rejects it, none is charged. A request without a key is not limited, unless the key is
//! [required](KeyExtractor::required). A CORS preflight is not limited either.
//!
//! # What it does to a request and a response
//!
//! | | an allowed request | a rejected request |
//! |---|---|---|
//! | inner service | is called | is not called |
//! | request fields read | those of the key, such as `X-API-Key` or `X-Forwarded-For`; for preflights `Origin` and `Access-Control-Request-Method` | the same |
//! | request extensions written | a [`RateLimitHandle`], [if set](RateLimitLayer::with_handle) | none |
//! | status | the inner service's | 429, or another one of the next table |
//! | response fields written | `X-RateLimit-Limit`, `-Remaining` and `-Reset`, or those of another [`HeaderStyle`](headers::HeaderStyle) | the same, and `Retry-After` with a 429 |
//! | response extensions written | none | a [`Problem`](tower_edge_core::Problem) |
//!
//! | request | status | `Retry-After` |
//! |---|---|---|
//! | is allowed | the inner service's | |
//! | exceeds a quota | 429, and the inner service is not called | whole seconds, rounded up, at least 1 |
//! | costs more than the quota allows at once | 422, and the inner service is not called | none |
//! | has no key, and the key is [required](KeyExtractor::required) | 401, or as set | none |
//! | the store fails | 503, or the inner service's if the layer [fails open](RateLimitLayer::with_fail_open) | none |
//!
//! The response to a rejected request has a [`Problem`](tower_edge_core::Problem) with
//! [`RateLimitFacts`](tower_edge_core::problem::RateLimitFacts). Its kind is
//! [`RateLimited`](tower_edge_core::Kind::RateLimited), or
//! [`QuotaExceeded`](tower_edge_core::Kind::QuotaExceeded) if the quota follows the calendar. An outer
//! `EnvelopeLayer` writes the body. Without one the body is empty, and this is logged once.
//!
//! Allowed and rejected responses have the header fields of a [`HeaderStyle`](headers::HeaderStyle). A redirect that
//! clients follow has none. The inner service may write such fields too, as an upstream does:
//!
//! - Of two `X-RateLimit-…` sets, the response keeps the more restrictive one.
//! - `RateLimit` and `RateLimit-Policy` of draft 11 list the quotas of both.
//! - A `Retry-After` in seconds is raised to the time until the limit allows the next request. A date stays.
//!
//! An `Err` or a panic of the inner service passes through. If an outer envelope turns it into a response, that
//! response has no fields of the limit. To have them, turn errors into responses inside of this layer, with
//! `envelope::problem_of`.
//!
//! # From `tower_governor`
//!
//! | `tower_governor` | here |
//! |---|---|
//! | `.per_second(4).burst_size(2)`: two at once, then one every four seconds | `Quota::new(1, Duration::from_secs(4))?.with_burst(2)` |
//! | `.per_millisecond(250).burst_size(8)`: eight at once, then four a second | `Quota::per_second(4).with_burst(8)` |
//! | `GovernorConfigBuilder::default()`: eight at once, then two a second | `Quota::per_second(2).with_burst(8)` |
//! | `GovernorLayer::new(config)` | `RateLimitLayer::new(Limit::new(quota, key))` |
//! | `PeerIpKeyExtractor` (an IPv6 address by itself) | [`ClientAddress::new()`](ClientAddress::new) (an IPv6 address by its /56) |
//! | `SmartIpKeyExtractor`, which trusts the fields of every client | [`ClientAddress`] with trusted proxies |
//! | `GlobalKeyExtractor` | [`key::GlobalKey`] |
//! | your own `KeyExtractor`, with an owned key and an error | [`KeyExtractor`], with a key that may borrow, and [`required`](KeyExtractor::required) |
//! | `.methods(vec![Method::GET])` | [`Limit::with_methods`]`([Method::GET])`, which includes `HEAD` |
//! | `.use_headers()` | on by default; [`Limits::with_header_style`] |
//! | `.error_handler(…)` | `EnvelopeLayer` with a format |
//! | `limiter().retain_recent()` in a background task | not needed: the memory of a [`MemoryStore`] is fixed |
//!
//! # Telemetry
//!
//! Feature `metrics` counts every decision in `tower_edge_rate_limit_decisions_total`, by `policy`, the quota's name,
//! and `result`. [Others](../metrics/index.html) count failures of the store, clients that are near a limit, and keys
//! that a [`MemoryStore`] has evicted too early, and measure a store behind a network. Feature `tracing` logs
//! rejections at `DEBUG` under the target `tower_edge::rate_limit`, with a hash of the key. It logs mistakes in the
//! configuration at `ERROR` and possible mistakes at `WARN`, once each.

pub mod headers;
pub mod key;
pub mod memory;
pub mod quota;
pub mod store;

mod arguments;
mod charge_on;
mod evaluation;
mod gate;
mod handle;
mod layer;
mod ledger;
mod limit;
mod limits;
mod misconfiguration;

#[doc(inline)]
pub use tower_edge_core::rate_limit::{
    Calendar, Decision, Key, KeyExtractor, Quota, QuotaError, QuotaState, Store,
};

pub use self::arguments::{IntoLimits, List};
pub use self::charge_on::ChargeOn;
pub use self::gate::RateLimit;
pub use self::handle::RateLimitHandle;
#[doc(inline)]
pub use self::key::{ApiKey, ClientAddress};
pub use self::layer::RateLimitLayer;
pub use self::limit::Limit;
pub use self::limits::{Limits, LimitsError};
#[doc(inline)]
pub use self::memory::MemoryStore;
