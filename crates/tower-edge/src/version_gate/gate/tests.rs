mod enforcement;
mod exempt;
mod handlers;
mod platforms;
mod rules;
mod soft;
mod uncertain;

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use tokio_test::block_on;
use tower::{ServiceExt, service_fn};
use tower_edge_core::problem::{Facts, VersionFacts};
use tower_edge_core::{Kind, Problem};
use tower_layer::Layer;

use super::super::extract::Header;
use super::super::{
    OnUnknown, SemVer, Staged, VersionGateLayer, VersionPolicyBuilder, VersionRule,
};
use super::*;
use crate::Enforcement;

fn send<V: Version>(layer: &VersionGateLayer<V>, request: Request<()>) -> Response<String> {
    let service = layer.layer(service_fn(async |_| {
        Ok::<_, Infallible>(Response::new(String::from("served")))
    }));
    block_on(service.oneshot(request)).unwrap()
}

/// The gate of a policy that fits together.
fn built<V: Version>(policy: VersionPolicyBuilder<V>) -> VersionGateLayer<V> {
    VersionGateLayer::from_policy(policy.build().unwrap())
}

fn gate() -> VersionGateLayer<SemVer> {
    VersionGateLayer::new(version("1.2.0"))
}

fn version(text: &str) -> SemVer {
    text.parse().unwrap()
}

fn by(rule: VersionRule<SemVer>) -> VersionGateLayer<SemVer> {
    built(VersionPolicy::builder(rule))
}

/// Noon of this test's time, as a clock.
fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn facts(response: &Response<String>) -> &VersionFacts {
    match problem(response).facts() {
        Some(Facts::Version(facts)) => facts,
        other => panic!("{other:?}"),
    }
}

fn problem(response: &Response<String>) -> &Problem {
    response.extensions().get().unwrap()
}

fn request(version: &[u8]) -> Request<()> {
    let version = HeaderValue::from_bytes(version).unwrap();
    Request::get("/")
        .header("x-client-version", version)
        .body(())
        .unwrap()
}

#[test]
fn admits_the_minimum_later_versions_and_requests_without_one() {
    for served in [
        request(b"1.2.0"),
        request(b"1.10.0"),
        request(b""),
        Request::new(()),
    ] {
        assert_eq!(send(&gate(), served).body(), "served");
    }
}

// RFC 9110, section 15.5.22: the server must send an Upgrade in a 426.
#[test]
fn an_outdated_client_gets_426_with_upgrade() {
    let policy = VersionPolicy::builder(VersionRule::new(version("1.2.0")));

    let response = send(&built(policy.with_product("plexichat")), request(b"1.1.9"));

    assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
    assert_eq!(response.headers()["upgrade"], "plexichat/1.2.0");
    assert_eq!(response.headers()["connection"], "upgrade");
    assert_eq!(response.body(), "");
}

// RFC 9113, section 8.2.2: connection-specific header fields make a message malformed.
#[test]
fn upgrade_is_sent_on_http_1_1_only() {
    for version in [
        HttpVersion::HTTP_10,
        HttpVersion::HTTP_2,
        HttpVersion::HTTP_3,
    ] {
        let mut request = request(b"1.1.9");
        *request.version_mut() = version;

        let response = send(&gate(), request);

        assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
        let names: Vec<_> = response.headers().keys().collect();
        assert_eq!(names, ["cache-control", "vary"], "{version:?}");
    }
}

#[test]
fn the_facts_name_the_versions_and_the_update() {
    let rule = VersionRule::<Staged>::new("a.1.0-1".parse().unwrap())
        .with_update_url("https://example.com/update");
    let policy = VersionPolicy::builder(rule).with_server_version("a.1.0-49".parse().unwrap());
    let gate = built(policy);

    let response = send(&gate, request(b"a.0.9-1"));

    assert_eq!(
        problem(&response).message(),
        Some("Client version a.0.9-1 is no longer supported")
    );
    let facts = facts(&response);
    assert_eq!((facts.client(), &*facts.minimum), ("a.0.9-1", "a.1.0-1"));
    assert_eq!(facts.server.as_deref(), Some("a.1.0-49"));
    assert_eq!(
        facts.update_url.as_deref(),
        Some("https://example.com/update")
    );
}

#[test]
fn a_malformed_version_gets_400_and_no_echo() {
    let huge = [b'1'; 4096];
    for bad in [
        b"1.2".as_slice(),
        b" ",
        b"latest",
        b"a.1.0-49",
        b"\xff\xfe",
        &huge,
    ] {
        let response = send(&gate(), request(bad));

        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{bad:?}");
        let problem = problem(&response);
        assert_eq!(problem.kind(), Kind::VersionMalformed);
        assert_eq!(
            problem.message(),
            Some("Client version has an invalid format")
        );
    }
}

#[test]
fn two_versions_are_none() {
    let mut request = request(b"1.2.0");
    request
        .headers_mut()
        .append("x-client-version", HeaderValue::from_static("1.2.0"));

    assert_eq!(send(&gate(), request).status(), StatusCode::BAD_REQUEST);
}

// RFC 9111, section 5.2.2.5: a cache must not store any part of the response.
// https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.5
// RFC 9110, section 12.5.5: the fields that the response was chosen by.
// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5
#[test]
fn a_refusal_is_for_nobody_else() {
    let header = http::HeaderName::from_static("x-app-version");
    for bad in ["1.1.9", "one"] {
        let response = send(
            &gate().with_extractor(Header::new(header.clone())),
            Request::get("/")
                .header("x-app-version", bad)
                .body(())
                .unwrap(),
        );

        assert_eq!(response.headers()["cache-control"], "no-store", "{bad}");
        assert_eq!(response.headers()["vary"], "x-app-version", "{bad}");
    }
}
