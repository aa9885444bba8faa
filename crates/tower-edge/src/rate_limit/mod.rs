//! Limits how much each client may do, and describes to it what is left.
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
//! A request is charged to a [`Key`], under the [`Quota`]s of one or more [`Limit`]s. All of them have to allow it: all
//! are charged, or none. A request without a key is not limited, unless the key is
//! [required](KeyExtractor::required). A CORS preflight is not limited either.
//!
//! A rejected request gets a 429 with a `Retry-After` of whole seconds, rounded up, and the inner service is not called.
//! One that costs more than is ever allowed at once gets a 422 without a `Retry-After`. Allowed and rejected responses
//! have the header fields of a [`HeaderStyle`](headers::HeaderStyle). Redirects that are followed have none. Fields that
//! the inner service has written are kept where they are more restrictive, lists go on with ours, and a `Retry-After`
//! that would come too early is made later.
//!
//! The response to a rejected request has a [`Problem`](tower_edge_core::Problem) with
//! [`RateLimitFacts`](tower_edge_core::problem::RateLimitFacts), of kind
//! [`QuotaExceeded`](tower_edge_core::Kind::QuotaExceeded) where the quota follows the calendar. When the store has no
//! decision, the response is a 503: a failure of ours is not the client's limit. An `Err` or a panic of the inner service
//! passes through, and what an envelope makes of it has no fields. To have them there too, turn both into responses
//! further in, errors with `envelope::problem_of`.
//!
//! # From `tower_governor`
//!
//! | `tower_governor` | here |
//! |---|---|
//! | `.per_second(4).burst_size(2)`: two at once, then one in four seconds | `Quota::new(1, Duration::from_secs(4))?.with_burst(2)` |
//! | `.per_millisecond(250).burst_size(8)`: eight at once, then four a second | `Quota::per_second(4).with_burst(8)` |
//! | `SmartIpKeyExtractor`, which believes everybody | [`ClientAddress`] with trusted proxies |
//!
//! # Telemetry
//!
//! Feature `metrics` counts every decision in `rate_limit_decisions_total` (labels `policy` and `decision`: `allowed`,
//! `denied`, `shadow_denied`), and in `rate_limit_evicted_live_total` (label `policy`) every key that a [`MemoryStore`]
//! has evicted too early. Feature `tracing` logs rejections at `DEBUG` under the target `tower_edge::rate_limit`, with a
//! hash of the key. It logs mistakes in the configuration at `ERROR`, and what may be one at `WARN`, once each.

pub mod headers;
pub mod key;
pub mod memory;
pub mod quota;
pub mod store;

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
