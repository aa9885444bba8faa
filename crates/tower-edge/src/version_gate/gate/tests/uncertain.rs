//! What names no version, or none that can be read.

use super::*;

fn gate(
    change: impl FnOnce(VersionPolicyBuilder<SemVer>) -> VersionPolicyBuilder<SemVer>,
) -> VersionGateLayer<SemVer> {
    let policy = VersionPolicy::builder(VersionRule::new(version("1.2.0")));
    built(change(policy))
}

#[test]
fn a_missing_version_can_be_refused() {
    let gate = gate(|policy| policy.with_missing(OnUnknown::Reject));

    let response = send(&gate, Request::new(()));

    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        problem(&response).message(),
        Some("Client version is required")
    );
    assert_eq!(response.headers()["vary"], "x-client-version");
    assert_eq!(send(&gate, request(b"1.2.0")).status(), 200);
}

#[test]
fn a_malformed_version_can_be_let_through() {
    let gate = gate(|policy| policy.with_malformed(OnUnknown::Allow));

    for bad in [b"one".as_slice(), b"\xff"] {
        assert_eq!(send(&gate, request(bad)).body(), "served");
    }
    assert_eq!(send(&gate, request(b"1.1.9")).status(), 426);
}

#[test]
fn an_empty_version_is_missing() {
    let gate = gate(|policy| policy.with_missing(OnUnknown::Reject));

    let response = send(&gate, request(b""));

    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let message = problem(&response).message();
    assert_eq!(message, Some("Client version is required"));
}

#[test]
fn a_long_version_is_not_even_parsed() {
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
    struct Bounded(SemVer);

    impl Version for Bounded {}

    impl std::str::FromStr for Bounded {
        type Err = super::super::super::ParseVersionError;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            assert!(text.len() <= 64, "{text}");
            text.parse().map(Self)
        }
    }

    impl fmt::Display for Bounded {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }

    let gate = VersionGateLayer::new(Bounded(version("1.2.0")));
    let longest = format!("1.2.0-{}", "a".repeat(58));

    assert_eq!(send(&gate, request(longest.as_bytes())).status(), 426);
    let longer = longest + "a";
    assert_eq!(send(&gate, request(longer.as_bytes())).status(), 400);
}
