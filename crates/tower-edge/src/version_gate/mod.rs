//! Turns away clients that are too old, and tells them so.
//!
//! The client names its version in `X-Client-Version`. A version below the minimum is answered with
//! 426 and, on HTTP/1.1, the `Upgrade` that [RFC 9110, section
//! 15.5.22](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22) asks for; a field that is no
//! version, or occurs twice, with 400. The inner service is called in neither case. A request
//! without the field passes.
//!
//! The answer carries a [`Problem`](tower_edge_core::Problem) with
//! [`VersionFacts`](tower_edge_core::problem::VersionFacts) in its extensions, `Cache-Control: no-store`,
//! and a `Vary` of the fields that the version is looked for in. Answers to clients that are current
//! have no `Vary`: where a shared cache stands between, let handlers write it.
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
//! # Versions, and where they are named
//!
//! [`SemVer`], [`CalVer`] and [`Staged`] versions are read from text, and any type that is `FromStr`,
//! `Ord` and `Display`; a [`Scheme`] is for those that need settings, such as [`Stages`]. A version of
//! more than 64 bytes is malformed and is not parsed.
//!
//! It is named in a [`Header`], in a product of the [`UserAgent`], in the [`Query`], in a
//! [`PathSegment`], in the first of these that has it ([`Source::or`]), or in a [`Source`] of your own.
//! Nothing of this is proof: whoever wants to can name another version.
//!
//! # Policies
//!
//! A [`Policy`] has a [`Rule`] for everybody and others by platform. Beside the minimum a rule may have
//! a recommended version, blocked builds, a minimum that counts from a date on, a maximum, and the end
//! of the resource itself:
//!
//! | client | answer |
//! |---|---|
//! | below the minimum, or blocked | 426, or [the status that was set](VersionGateLayer::with_status) |
//! | above the maximum | 400, since an update would not help |
//! | below a minimum that will count | served, with `X-Client-Update: required` and its date |
//! | below a minimum, or blocked, where that is not enforced | served, with `X-Client-Update: required` |
//! | below the recommended version | served, with `X-Client-Update: recommended` and a `Link` |
//! | names no version | served, unless [`Policy::with_missing`] says otherwise |
//! | names what is no version | 400, unless [`Policy::with_malformed`] says otherwise |
//! | on a platform without a rule | by the rule for everybody, unless [`Policy::with_unknown_platform`] says otherwise |
//!
//! Those who are told of an update are told to `Vary` as well. A [next
//! minimum](Rule::with_next_minimum) can be [observed](crate::Enforcement::DryRun), then hold for a
//! [share](crate::Enforcement::Percent) of all clients, then for everybody, while the one before holds; so can a
//! policy as a [whole](Policy::with_enforcement). It is changed while the gate runs by a [`PolicyHandle`].
//!
//! What is [exempt](VersionGateLayer::with_exempt), and CORS-preflight requests, pass in any case. A
//! page can read the fields above only where `Access-Control-Expose-Headers` names them.
//!
//! # Telemetry
//!
//! Every verdict other than [`Current`](Verdict::Current) goes to
//! [`on_judgement`](VersionGateLayer::on_judgement). Feature `tracing` logs it at `DEBUG`, under the target
//! `tower_edge::version_gate`. Feature `metrics` counts it in `client_versions_total` (labels `verdict`, `platform` and
//! `refused`).

mod gate;
mod judgement;
mod layer;
mod policy;
mod refusal;
mod scheme;
mod source;
mod version;

pub use self::gate::VersionGate;
pub use self::judgement::{Judgement, Verdict};
pub use self::layer::VersionGateLayer;
pub use self::policy::{
    EndingError, Policy, PolicyError, PolicyHandle, RefusalStatus, RefusalStatusError,
    ResourceEnding, Rule, Uncertain, UnknownPlatform,
};
pub use self::scheme::{CalVer, FromText, Scheme, SemVer, Staged, Stages, StagesError};
pub use self::source::{Chain, Claim, Header, PathSegment, Query, Source, UserAgent};
pub use self::version::{ClientVersion, ParseVersionError, Version};
