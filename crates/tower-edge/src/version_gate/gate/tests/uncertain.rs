//! What names no version, or none that can be read.

use super::super::super::Uncertain;
use super::*;

fn gate(change: impl FnOnce(Policy<SemVer>) -> Policy<SemVer>) -> VersionGateLayer<SemVer> {
    let policy = Policy::new(Rule::new(version("1.2.0")));
    VersionGateLayer::by_policy(change(policy)).unwrap()
}

#[test]
fn a_missing_version_can_be_refused() {
    let gate = gate(|policy| policy.with_missing(Uncertain::Refuse));

    let response = answer(&gate, Request::new(()));

    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        problem(&response).message(),
        Some("Client version is required")
    );
    assert_eq!(response.headers()["vary"], "x-client-version");
    assert_eq!(answer(&gate, request(b"1.2.0")).status(), 200);
}

#[test]
fn a_malformed_version_can_be_let_through() {
    let gate = gate(|policy| policy.with_malformed(Uncertain::LetThrough));

    for bad in [b"one".as_slice(), b"\xff"] {
        assert_eq!(answer(&gate, request(bad)).body(), "served");
    }
    assert_eq!(answer(&gate, request(b"1.1.9")).status(), 426);
}

#[test]
fn a_long_version_is_not_even_parsed() {
    struct Bounded;

    impl super::super::super::Scheme for Bounded {
        type Version = SemVer;

        fn parse(&self, text: &str) -> Option<SemVer> {
            assert!(text.len() <= 64, "{text}");
            text.parse().ok()
        }
    }

    let gate = gate(|policy| policy).with_scheme(Bounded).unwrap();
    let longest = format!("1.2.0-{}", "a".repeat(58));

    assert_eq!(answer(&gate, request(longest.as_bytes())).status(), 426);
    let longer = longest + "a";
    assert_eq!(answer(&gate, request(longer.as_bytes())).status(), 400);
}
