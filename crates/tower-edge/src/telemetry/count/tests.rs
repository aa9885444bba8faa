use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Request, Response, StatusCode};
use http_body_util::Full;
use tokio_test::block_on;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge_core::RouteTemplate;
use tower_edge_formats::MediaNest;

use crate::correlation_id::CorrelationIdLayer;
use crate::envelope::EnvelopeLayer;
use crate::metrics::RequestMetricsLayer;
use crate::rate_limit::{ApiKey, Limit, MemoryStore, Quota, RateLimitLayer};
use crate::telemetry::test_support::count::Counted;
use crate::timeout::UpstreamTimeoutLayer;
use crate::version_gate::extract::Header;
use crate::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};

#[test]
fn the_docs_have_no_other_metrics() {
    let docs = include_str!("../../metrics/mod.rs").lines();
    let documented = docs.filter(|line| line.starts_with("//! | `tower_edge_"));

    assert_eq!(documented.count(), super::table::rows().len());
}

/// The series for this many requests, of which no two are alike in anything that a client sends.
fn series(has_raw_routes: bool) -> BTreeSet<String> {
    let minimum: SemVer = "1.2.0".parse().unwrap();
    let policy = VersionPolicy::builder(VersionRule::new(minimum.clone()));
    let policy = policy.with_platform("ios", VersionRule::new(minimum));
    let platform = Header::default().with_platform(HeaderName::from_static("x-platform"));
    let gate = VersionGateLayer::from_policy(policy.build().unwrap()).with_extractor(platform);
    let limit = Limit::new(Quota::per_hour(1), ApiKey);
    let mut service = ServiceBuilder::new()
        .layer(RequestMetricsLayer::new())
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(MediaNest))
        .layer(gate)
        .layer(RateLimitLayer::new(limit).with_store(MemoryStore::new(64)))
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)).with_upstream("plex"))
        .service(service_fn(async |request: Request<()>| {
            let status = StatusCode::NOT_FOUND;
            let text = Full::<Bytes>::from(request.uri().to_string());
            Ok::<_, Infallible>(Response::builder().status(status).body(text).unwrap())
        }));
    let lines = Counted::meanwhile(|| {
        for number in 0..FLOOD {
            // Every second version is one, and every third id.
            let method = format!("M{number}");
            let id = format!("a{number}{}", [" ", "", ","][number % 3]);
            let request = Request::builder()
                .method(&*method)
                .uri(format!("https://host-{number}/path/{number}?{number}"))
                .header("host", format!("host-{number}"))
                .header("x-api-key", number / 4)
                .header(
                    "x-client-version",
                    format!("{number}.{}", ["0.0", "x"][number % 2]),
                )
                .header("x-correlation-id", id)
                .header("x-platform", format!("platform-{}", number / 7 * 7));
            let mut request = request.body(()).unwrap();
            if number % 7 > 0 {
                request.headers_mut().remove("x-platform");
            }
            if has_raw_routes {
                let raw = RouteTemplate(format!("/path/{number}").into());
                request.extensions_mut().insert(raw);
            }
            block_on(async { service.ready().await.unwrap().call(request).await }).unwrap();
        }
    });
    let name = |line: &String| line.rsplit_once(' ').map(|(series, _)| series.to_owned());
    lines.iter().filter_map(name).collect()
}

#[test]
fn no_client_can_add_series() {
    let series = series(false);

    assert!(series.len() <= 40, "{series:#?}");
    let metrics: BTreeSet<_> = series
        .iter()
        .filter_map(|series| series.split(' ').next())
        .collect();
    assert_eq!(metrics.len(), 9, "{metrics:#?}");
    for sent in ["host-", "path", "platform-", "M1"] {
        assert!(!series.iter().any(|series| series.contains(sent)), "{sent}");
    }
}

#[test]
fn a_router_that_takes_paths_for_routes_adds_no_series_without_end() {
    let series = series(true);

    assert!((1000..1100).contains(&series.len()), "{}", series.len());
    let rest =
        "tower_edge_request_duration_seconds method=other route=other status=other key=other";
    assert!(series.contains(rest));
}

const FLOOD: usize = 10_000;
