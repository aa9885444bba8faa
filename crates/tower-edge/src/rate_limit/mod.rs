//! Limits how much each client may do, and tells it where it stands.
//!
//! A request is charged to a [`Key`] under the named [`Policy`]s of one or more [`Limits`]; a request
//! without a key is not limited, and neither is a CORS preflight. All policies have to allow it: all
//! are charged, or none. A request that is refused is answered with 429 and a `Retry-After` of whole
//! seconds, rounded up, and the inner service is not called; one that costs more than is ever allowed
//! at once with 422 and no `Retry-After`. Allowed and refused answers alike carry the header fields of
//! [`RateLimitFields`], redirects none. Fields that the inner service has written are kept where they
//! are stricter, lists go on with ours, and a `Retry-After` that would come too early is made later.
//!
//! The answer to a refused request carries a [`Problem`](tower_edge_core::Problem) with
//! [`RateLimitFacts`](tower_edge_core::problem::RateLimitFacts), of kind
//! [`QuotaExceeded`](tower_edge_core::Kind::QuotaExceeded) where the policy follows the calendar. When
//! the store has no decision, the answer is a 503: a failure of ours is not the client's limit. An
//! `Err` or a panic of the inner service passes through, and what an envelope makes of it has no
//! fields; to have them there too, turn both into answers further in, errors with
//! `envelope::problem_of`.
//!
//! | policy | lets through at most | and at least |
//! |---|---|---|
//! | [`Policy::new`], GCRA | the count at once, and what has come back since: twice the count in a period | the count per period, evenly or in bursts |
//! | [`Policy::sliding_window`] | the count in any window | the count per period in bursts, half of it when it comes evenly |
//! | [`Policy::calendar`] | the count per day, week or month | the same |
//!
//! A sliding window keeps two windows: the count of the one before is charged until its last request
//! is out of sight, plus at most a 65535th of the period. That is what makes it strict, and what a
//! client that spreads its requests evenly pays with up to half of the count.
//!
//! ```
//! use std::num::NonZeroU32;
//! use std::time::Duration;
//!
//! use http::{Request, Response, StatusCode};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::rate_limit::{
//!     ApiKey, ClientAddress, KeyOf, Limits, MemoryStore, Policy, RateLimitLayer,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let once_a_minute = Policy::new("minute", NonZeroU32::MIN, Duration::from_secs(60))?;
//! let limits = Limits::one(once_a_minute, ApiKey.or(ClientAddress::new()));
//! let limit = RateLimitLayer::new(MemoryStore::new(65_536), limits);
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
//! # Telemetry
//!
//! Feature `metrics` counts every decision in `rate_limit_decisions_total` (labels `policy` and `decision`:
//! `allowed`, `denied`, `shadow_denied`), and in `rate_limit_evicted_live_total` (label `policy`) every account that a
//! [`MemoryStore`] has dropped too early. Feature `tracing` logs denials at `DEBUG` under the target
//! `tower_edge::rate_limit`, with a hash of the key, and in debug builds misconfigurations at `WARN`.

mod account;
mod admission;
mod allowance;
mod asked;
mod charge;
mod fields;
mod gate;
mod key;
mod layer;
mod limit;
mod limits;
mod live_limits;
mod memory;
mod outcome;
mod setup;

pub use tower_edge_core::rate_limit::{
    Algorithm, Calendar, CalendarPeriod, Check, Decision, Demand, JoinedKey, Key, KeyHash, KeyOf,
    Never, Or, Policy, PolicyError, Settlement, Standing, Store, UtcOffset, UtcOffsetError,
};
pub use tower_edge_core::{PeerAddress, RouteTemplate};

pub use self::allowance::Allowance;
pub use self::charge::{Charge, Mode, Percent};
pub use self::fields::{IetfDraft, RateLimitFields, XRateLimit};
pub use self::gate::RateLimit;
pub use self::key::{
    ApiKey, BearerToken, ClientAddress, ExtensionKey, ForwardedField, GlobalKey, HeaderKey,
    PrefixError, QueryKey, Route, UnknownAddress, key_fn,
};
pub use self::layer::RateLimitLayer;
pub use self::limit::Limit;
pub use self::limits::{Limits, LimitsError};
pub use self::live_limits::LiveLimits;
pub use self::memory::{Clock, MemoryStore, MonotonicClock};
