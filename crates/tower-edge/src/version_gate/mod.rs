//! Rejects clients whose version is not supported, and sends them the versions that are.
//!
//! A client sends its version in `X-Client-Version`. A version below the minimum is 426, with the `Upgrade` that [RFC
//! 9110, section 15.5.22](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22) requires on HTTP/1.1. A malformed
//! version is 400. The inner service is called in neither case. A request without a version passes.
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
//!
//! # What it does to a request and a response
//!
//! | | an allowed request | a rejected request |
//! |---|---|---|
//! | inner service | is called | is not called |
//! | request fields read | `X-Client-Version`, or those of the [extractor](extract) | the same |
//! | request extensions written | a [`ClientVersion`], [if set](VersionGateLayer::with_client_version) | none |
//! | status | the inner service's | 426, or 400 |
//! | response fields written | `X-Client-Update`, `Link` and `Vary`, if the client should update | `Cache-Control`, `Vary`; with a 426 on HTTP/1.1 also `Upgrade` and `Connection` |
//! | response extensions written | none | a [`Problem`](tower_edge_core::Problem) |
//!
//! A rejection has a [`Problem`](tower_edge_core::Problem) with
//! [`VersionFacts`](tower_edge_core::problem::VersionFacts) in its extensions, `Cache-Control: no-store`, and a `Vary`
//! of the fields that the version depends on. Responses to current clients have no `Vary`: add it in handlers if a
//! shared cache stands between.
//!
//! # Versions
//!
//! [`SemVer`] is strict. [`AppVersion`] accepts what apps and app stores write, such as `v1.2`, `1.2.0.4` and `1.2.0
//! (345)`. [`Staged`] versions are like `a.1.0-49`. A type of yours can be a [`Version`]. A version of more than 64
//! bytes is malformed and is not parsed. An empty one counts as missing.
//!
//! [`extract`] lists where a request can have its version: in a header field, a product of `User-Agent`, a query
//! parameter, a path segment, or a parameter of a media type in `Accept`. None of this is proof: a client can send any
//! version.
//!
//! # Policies
//!
//! A [`VersionPolicy`] has a [`VersionRule`] for all platforms, and others by platform:
//!
//! | client | response |
//! |---|---|
//! | below the minimum, or blocked | 426 |
//! | above the maximum | 400, since an update would not help |
//! | below an announced minimum that does not count yet | the inner service's, with `X-Client-Update: required` and a `Link` |
//! | below the recommended version | the inner service's, with `X-Client-Update: recommended` and a `Link` |
//! | without a version | the inner service's, or 400 by [`with_missing`](VersionPolicyBuilder::with_missing) |
//! | with a malformed version | 400, or the inner service's by [`with_malformed`](VersionPolicyBuilder::with_malformed) |
//! | on a platform without a rule | by the rule for all platforms, or by [`with_unknown_platform`](VersionPolicyBuilder::with_unknown_platform) |
//!
//! An [announced minimum](VersionRule::with_announced_minimum) can be a [dry run](crate::Enforcement::DryRun), then
//! count for a [percentage](crate::Enforcement::Percent) of clients, then for all, while the current minimum continues
//! to count. A policy [as a whole](VersionPolicyBuilder::with_enforcement) can do the same. A dry run shows in events,
//! logs and metrics only. A [`ReloadHandle`](crate::ReloadHandle) replaces a policy while requests are served.
//!
//! [Exempt](VersionGateLayer::with_exempt) requests and CORS-preflight requests always pass. A browser shows the fields
//! above to a page only if `Access-Control-Expose-Headers` lists them.
//!
//! # Another status
//!
//! Proxies and WebSocket servers send 426 for reasons of their own, so some APIs use another status. Set it in a row of
//! the format's catalogue:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::Empty;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::envelope::EnvelopeLayer;
//! use tower_edge::envelope::format::ProblemDetails;
//! use tower_edge::problem::catalog;
//! use tower_edge::version_gate::{SemVer, VersionGateLayer};
//!
//! catalog! {
//!     static ERRORS;
//!     #[api(VersionOutdated, status = 410)]
//!     const _;
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = ServiceBuilder::new()
//!     .layer(EnvelopeLayer::new(ProblemDetails.with_catalog(&ERRORS)))
//!     .layer(VersionGateLayer::<SemVer>::new("1.2.0".parse()?))
//!     .service(service_fn(
//!         async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new(Empty::<Bytes>::new())),
//!     ));
//!
//! let request = Request::get("/").header("x-client-version", "1.1.9").body(())?;
//! let response = service.oneshot(request).await?;
//!
//! assert_eq!(response.status(), StatusCode::GONE);
//! assert!(!response.headers().contains_key("upgrade"));
//! # Ok(())
//! # }
//! ```
//!
//! # Versions of an API
//!
//! [`SupportedVersionsLayer`] is for an API with a list of versions, such as `MCP-Protocol-Version: 2025-06-18`.
//!
//! # Telemetry
//!
//! Each request whose status is not [`Current`](ClientStatus::Current) is an event for
//! [`on_event`](VersionGateLayer::on_event). Feature `tracing` logs it at `DEBUG`, with the target
//! `tower_edge::version_gate`. Feature `metrics` counts each request, also of a current client, in
//! `tower_edge_version_gate_decisions_total` (labels `status`, `platform` and `result`).

mod event;
pub mod extract;
mod gate;
mod layer;
mod policy;
mod scheme;
mod supported;
mod version;

pub use self::event::{ClientStatus, GateEvent};
pub use self::gate::VersionGate;
pub use self::layer::VersionGateLayer;
pub use self::policy::{
    OnUnknown, VersionPolicy, VersionPolicyBuilder, VersionPolicyError, VersionRule,
};
pub use self::scheme::{AppVersion, SemVer, Staged};
pub use self::supported::{RequestedVersion, SupportedVersions, SupportedVersionsLayer};
pub use self::version::{ClientVersion, ParseVersionError, Version};
