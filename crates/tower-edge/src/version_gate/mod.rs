//! Turns away clients that are too old, and tells them so.
//!
//! The client names its version in `X-Client-Version`. A version below the minimum is answered with
//! 426 and, on HTTP/1.1, the `Upgrade` that [RFC 9110, section
//! 15.5.22](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22) asks for; a field that is no
//! version, or occurs twice, with 400. The inner service is called in neither case. A request
//! without the field passes.
//!
//! The answer carries a [`Problem`](tower_edge_core::Problem) with
//! [`VersionFacts`](tower_edge_core::problem::VersionFacts) in its extensions.
//!
//! ```
//! use http::{Request, Response, StatusCode};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::version_gate::{SemVer, VersionGateLayer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let minimum: SemVer = "1.2.0".parse()?;
//! let service = ServiceBuilder::new().layer(VersionGateLayer::new(minimum)).service(service_fn(
//!     async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new("hello")),
//! ));
//!
//! let request = Request::get("/").header("x-client-version", "1.1.9").body(())?;
//! let response = service.oneshot(request).await?;
//!
//! assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
//! assert_eq!(response.headers()["upgrade"], "client/1.2.0");
//! # Ok(())
//! # }
//! ```

mod client_version;
mod future;
mod gate;
mod judgement;
mod layer;
mod notice;
mod policy;
mod preflight;
mod refusal;
mod scheme;
mod service;
mod source;
mod verdict;
mod version;

pub use self::client_version::ClientVersion;
pub use self::future::ResponseFuture;
pub use self::judgement::Judgement;
pub use self::layer::VersionGateLayer;
pub use self::policy::{EndingError, Enforcement, Percent, PercentError, Policy, PolicyError};
pub use self::policy::{PolicyHandle, RefusalStatus, RefusalStatusError, ResourceEnding, Rule};
pub use self::policy::{Uncertain, UnknownPlatform};
pub use self::scheme::{CalVer, FromText, Scheme, SemVer, Staged, Stages, StagesError};
pub use self::service::VersionGate;
pub use self::source::{Chain, Claim, Header, PathSegment, Query, Source, UserAgent};
pub use self::verdict::Verdict;
pub use self::version::{ParseVersionError, Version};
