//! A gate under an envelope.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio_test::block_on;
use tower::{Layer, service_fn};
use tower_edge::envelope::{EnvelopeLayer, Format};
use tower_edge::version_gate::{
    SemVer, Staged, Version, VersionGateLayer, VersionPolicy, VersionPolicyBuilder, VersionRule,
};
use tower_edge_tests::{TestResponse, oneshot};

/// What a client receives through an envelope in this format; the inner service says `served`.
pub(super) fn responded<F, V>(
    format: F,
    gate: &VersionGateLayer<V>,
    request: Request<()>,
) -> TestResponse
where
    F: Format + Clone + Send + Sync + 'static,
    V: Version,
{
    let inner = service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("served")))
    });
    let service = EnvelopeLayer::new(format).layer(gate.layer(inner));
    block_on(oneshot(service, request))
}

/// A request that names this version.
pub(super) fn of(version: &str) -> Request<()> {
    let request = Request::get("/").header("x-client-version", version);
    request.body(()).unwrap()
}

pub(super) fn version(text: &str) -> SemVer {
    text.parse().unwrap()
}

pub(super) fn gate() -> VersionGateLayer<SemVer> {
    VersionGateLayer::new(version("1.2.0"))
}

pub(super) fn by(policy: VersionPolicyBuilder<SemVer>) -> VersionGateLayer<SemVer> {
    VersionGateLayer::from_policy(policy.build().unwrap())
}

pub(super) fn policy() -> VersionPolicyBuilder<SemVer> {
    VersionPolicy::builder(VersionRule::new(version("1.2.0")))
}

pub(super) fn staged(minimum: &str) -> VersionGateLayer<Staged> {
    VersionGateLayer::new(minimum.parse().unwrap())
}
