//! A rule for each platform.

use http::HeaderName;

use super::super::super::extract::{UserAgent, VersionExtractor};
use super::*;

fn policy(unknown: Option<OnUnknown>) -> VersionPolicyBuilder<SemVer> {
    let policy = VersionPolicy::builder(VersionRule::new(version("1.2.0")))
        .with_platform(
            "ios",
            VersionRule::new(version("2.0.0")).with_update_url("https://example.com/ios"),
        )
        .with_platform("android", VersionRule::new(version("0.9.0")));
    match unknown {
        Some(unknown) => policy.with_unknown_platform(unknown),
        None => policy,
    }
}

fn gate(unknown: Option<OnUnknown>) -> VersionGateLayer<SemVer> {
    let header = Header::default().with_platform(HeaderName::from_static("x-platform"));
    let agent = UserAgent::new("App-iOS", Some("ios")).unwrap();
    built(policy(unknown)).with_extractor(header.or(agent))
}

fn on(platform: &str, client: &str) -> Request<()> {
    Request::get("/")
        .header("x-client-version", client)
        .header("x-platform", platform)
        .body(())
        .unwrap()
}

#[test]
fn each_platform_has_its_rule_in_any_case() {
    let gate = gate(None);

    for (platform, client, status) in [
        ("ios", "1.9.0", 426),
        ("iOS", "1.9.0", 426),
        ("ios", "2.0.0", 200),
        ("android", "0.9.0", 200),
        ("android", "0.8.9", 426),
    ] {
        let response = send(&gate, on(platform, client));

        assert_eq!(response.status(), status, "{platform} {client}");
    }
}

#[test]
fn a_refusal_names_what_the_platform_needs() {
    let response = send(&gate(None), on("ios", "1.9.0"));

    assert_eq!(&*facts(&response).minimum, "2.0.0");
    assert_eq!(
        facts(&response).update_url.as_deref(),
        Some("https://example.com/ios")
    );
    assert_eq!(response.headers()["upgrade"], "client/2.0.0");
    assert_eq!(
        response.headers()["vary"],
        "x-client-version, x-platform, user-agent"
    );
}

#[test]
fn the_product_names_the_platform_too() {
    let gate = gate(None);
    let request = Request::get("/").header("user-agent", "App-iOS/1.9.0 (iPhone)");

    let response = send(&gate, request.body(()).unwrap());

    assert_eq!(&*facts(&response).minimum, "2.0.0");
}

#[test]
fn a_client_without_a_platform_has_the_rule_for_everybody() {
    for unknown in [None, Some(OnUnknown::Reject)] {
        assert_eq!(send(&gate(unknown), request(b"1.1.9")).status(), 426);
        assert_eq!(send(&gate(unknown), request(b"1.2.0")).status(), 200);
    }
}

#[test]
fn an_empty_platform_is_missing() {
    let gate = gate(Some(OnUnknown::Reject));

    assert_eq!(send(&gate, on("", "1.2.0")).status(), 200);
    assert_eq!(send(&gate, on("", "1.1.9")).status(), 426);
}

#[test]
fn an_unknown_platform_has_a_policy_of_its_own() {
    for (unknown, old, new) in [
        (None, 426, 200),
        (Some(OnUnknown::Allow), 200, 200),
        (Some(OnUnknown::Reject), 426, 426),
    ] {
        let gate = gate(unknown);

        assert_eq!(
            send(&gate, on("tizen", "0.0.1")).status(),
            old,
            "{unknown:?}"
        );
        assert_eq!(
            send(&gate, on("tizen", "9.0.0")).status(),
            new,
            "{unknown:?}"
        );
    }
}

#[test]
fn a_refused_platform_is_not_echoed() {
    let response = send(&gate(Some(OnUnknown::Reject)), on("<script>", "9.0.0"));

    assert_eq!(problem(&response).facts(), None);
    assert_eq!(
        problem(&response).message(),
        Some("Client platform is not supported")
    );
    assert_eq!(response.headers()["upgrade"], "client/1.2.0");
}
