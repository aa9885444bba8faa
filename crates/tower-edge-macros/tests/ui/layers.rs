use tower_edge::Edge;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::rate_limit::{ApiKey, Limit, Quota, RateLimitLayer};
use tower_edge::version_gate::{SemVer, VersionGateLayer};

fn settings(version: SemVer) {
    let _ = CorrelationIdLayer::new().with_generator("req_");
    let _ = EnvelopeLayer::new("problem");
    let _ = EnvelopeLayer::select("problem");
    let _ = Limit::new(Quota::per_second(20), "x-api-key");
    let _ = Limit::new(Quota::per_second(20), ApiKey).with_paths("/login");
    let _ = RateLimitLayer::new("20/s");
    let _ = RateLimitLayer::new(Limit::new(Quota::per_second(20), ApiKey)).with_store("redis://127.0.0.1");
    let _ = VersionGateLayer::new("1.2.0");
    let _ = VersionGateLayer::new(version).with_extractor("x-app-version");
    let _ = Edge::new().layer("cors");
}

fn main() {}
