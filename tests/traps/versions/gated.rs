//! A gate under an envelope.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::core::Format;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::version_gate::{Policy, Rule, SemVer, Staged, Version, VersionGateLayer};

use crate::answer::Answer;

/// What a client is answered through an envelope in this format; the inner service says `served`.
pub(super) fn answered<F, V>(format: F, gate: &VersionGateLayer<V>, request: Request<()>) -> Answer
where
    F: Format + Clone + Send + Sync + 'static,
    V: Version,
{
    let inner = service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("served")))
    });
    let service = EnvelopeLayer::new(format).layer(gate.layer(inner));
    block_on(async { Answer::read(service.oneshot(request).await.unwrap()).await })
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

pub(super) fn by(policy: Policy<SemVer>) -> VersionGateLayer<SemVer> {
    VersionGateLayer::by_policy(policy).unwrap()
}

pub(super) fn policy() -> Policy<SemVer> {
    Policy::new(Rule::new(version("1.2.0")))
}

pub(super) fn staged(minimum: &str) -> VersionGateLayer<Staged> {
    VersionGateLayer::new(minimum.parse().unwrap())
}
