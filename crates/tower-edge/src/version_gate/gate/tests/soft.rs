//! What clients are told that are served.

use http::HeaderMap;

use super::super::super::{CalVer, PathSegment, ResourceEnding};
use super::*;

fn headers(gate: &VersionGateLayer<SemVer>, client: &[u8]) -> HeaderMap {
    let response = answer(gate, request(client));
    assert_eq!(response.body(), "served");
    response.headers().clone()
}

#[test]
fn a_client_below_the_recommended_is_served_and_told() {
    let rule = Rule::new(version("1.2.0"))
        .with_recommended(version("1.4.0"))
        .with_update_url("https://example.com/update");
    let gate = by(rule);

    let told = headers(&gate, b"1.3.9");

    assert_eq!(told["x-client-update"], "recommended;version=\"1.4.0\"");
    assert_eq!(
        told["link"],
        "<https://example.com/update>; rel=\"related\"; title=\"update\""
    );
    assert_eq!(told["vary"], "x-client-version");
    assert!(headers(&gate, b"1.4.0").is_empty());
    assert!(answer(&gate, Request::new(())).headers().is_empty());
}

#[test]
fn a_client_below_a_pending_minimum_is_told_from_when_it_counts() {
    let rule = Rule::new(version("1.2.0"))
        .with_recommended(version("1.5.0"))
        .with_pending_minimum(version("1.4.0"), noon());
    let gate = by(rule).with_clock(|| noon() - Duration::from_secs(1));

    assert_eq!(
        headers(&gate, b"1.3.9")["x-client-update"],
        "required;version=\"1.4.0\";from=@1800000000"
    );
    assert_eq!(
        headers(&gate, b"1.4.9")["x-client-update"],
        "recommended;version=\"1.5.0\""
    );
    assert!(headers(&gate, b"1.5.0").is_empty());
}

#[test]
fn an_ending_of_the_resource_is_told_to_all() {
    let ending = ResourceEnding::deprecated(noon()).unwrap();
    let gate = by(Rule::new(version("1.2.0")).with_ending(ending));

    for served in [request(b"1.2.0"), Request::new(())] {
        let response = answer(&gate, served);

        assert_eq!(response.headers()["deprecation"], "@1800000000");
    }
}

#[test]
fn an_old_version_of_an_api_ends_alone() {
    let first: CalVer = "1".parse().unwrap();
    let ending = ResourceEnding::deprecated(noon()).unwrap();
    let ending = ending
        .with_sunset(noon())
        .unwrap()
        .with_successor_link("/v2")
        .unwrap();
    let rule = Rule::new(first).with_ending_below("2".parse().unwrap(), ending);
    let gate = VersionGateLayer::by_policy(Policy::new(rule)).unwrap();
    let gate = gate.with_source(PathSegment::first());
    let get = |path| answer(&gate, Request::get(path).body(()).unwrap());

    let old = get("/v1.9/media");

    assert_eq!(old.headers()["deprecation"], "@1800000000");
    assert_eq!(old.headers()["sunset"], "Fri, 15 Jan 2027 08:00:00 GMT");
    assert_eq!(old.headers()["link"], "</v2>; rel=\"successor-version\"");
    // The path is in the key of every cache.
    assert!(!old.headers().contains_key("vary"));
    for path in ["/v2/media", "/media"] {
        assert!(get(path).headers().is_empty(), "{path}");
    }
    assert_eq!(get("/v0.9/media").status(), 426);
}
