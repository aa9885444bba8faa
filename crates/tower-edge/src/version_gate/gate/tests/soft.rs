//! What clients receive about updates while they are served.

use http::HeaderMap;

use super::super::super::AppVersion;
use super::super::super::extract::PathSegment;
use super::*;

fn headers(gate: &VersionGateLayer<SemVer>, client: &[u8]) -> HeaderMap {
    let response = send(gate, request(client));
    assert_eq!(response.body(), "served");
    response.headers().clone()
}

#[test]
fn a_client_below_the_recommended_is_served_and_sent_the_update() {
    let rule = VersionRule::new(version("1.2.0"))
        .with_recommended(version("1.4.0"))
        .with_update_url("https://example.com/update");
    let gate = by(rule);

    let fields = headers(&gate, b"1.3.9");

    assert_eq!(fields["x-client-update"], "recommended;version=\"1.4.0\"");
    assert_eq!(
        fields["link"],
        "<https://example.com/update>; rel=\"related\"; title=\"update\""
    );
    assert_eq!(fields["vary"], "x-client-version");
    assert!(headers(&gate, b"1.4.0").is_empty());
    assert!(send(&gate, Request::new(())).headers().is_empty());
}

#[test]
fn a_client_below_an_announced_minimum_is_sent_its_date() {
    let rule = VersionRule::new(version("1.2.0"))
        .with_recommended(version("1.5.0"))
        .with_announced_minimum(version("1.4.0"))
        .with_announced_from(noon());
    let gate = by(rule).with(|gate| gate.clock = || noon() - Duration::from_secs(1));

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

// The path is in the key of every cache.
#[test]
fn a_version_in_the_path_needs_no_vary() {
    let rule = VersionRule::new("1".parse::<AppVersion>().unwrap());
    let rule = rule.with_recommended("2".parse().unwrap());
    let gate = built(VersionPolicy::builder(rule)).with_extractor(PathSegment::at(0));
    let get = |path| send(&gate, Request::get(path).body(()).unwrap());

    let old = get("/v1.9/media");

    assert_eq!(
        old.headers()["x-client-update"],
        "recommended;version=\"2\""
    );
    assert!(!old.headers().contains_key("vary"));
    for path in ["/v2/media", "/media"] {
        assert!(get(path).headers().is_empty(), "{path}");
    }
    assert_eq!(get("/v0.9/media").status(), 426);
}
