use std::time::SystemTime;

use super::*;
use crate::Percent;
use crate::version_gate::{AppVersion, SemVer, VersionPolicy};

fn version(text: &str) -> SemVer {
    text.parse().unwrap()
}

fn rule() -> VersionRule<SemVer> {
    VersionRule::new(version("1.2.0"))
}

fn announced(rule: VersionRule<SemVer>, minimum: &str) -> VersionRule<SemVer> {
    rule.with_announced_minimum(version(minimum))
}

fn error(policy: VersionPolicyBuilder<SemVer>) -> String {
    policy.build().unwrap_err().to_string()
}

#[test]
fn versions_that_fit_together_are_a_policy() {
    let rule = announced(rule(), "1.2.0")
        .with_recommended(version("1.3.0"))
        .with_maximum(version("1.4.0"))
        .with_blocked([version("1.2.7")])
        .with_update_url("https://example.com/update?a=b#c");

    let policy = VersionPolicy::builder(rule.clone()).with_platform("ios", rule);

    assert!(policy.build().is_ok());
}

#[test]
fn a_rule_that_does_not_fit_together_is_rejected_with_its_field() {
    for (rule, expected) in [
        (
            rule().with_recommended(version("1.1.0")),
            "invalid recommended 1.1.0: expected at least the minimum 1.2.0",
        ),
        (
            announced(rule(), "1.1.0"),
            "invalid announced_minimum 1.1.0: expected at least the minimum 1.2.0",
        ),
        (
            announced(rule(), "1.4.0").with_recommended(version("1.3.0")),
            "invalid recommended 1.3.0: expected at least the announced minimum 1.4.0",
        ),
        (
            announced(rule(), "1.4.0").with_maximum(version("1.3.0")),
            "invalid maximum 1.3.0: expected at least the announced minimum 1.4.0",
        ),
        (
            rule()
                .with_recommended(version("1.3.0"))
                .with_maximum(version("1.2.9")),
            "invalid maximum 1.2.9: expected at least the recommended 1.3.0",
        ),
        (
            rule()
                .with_recommended(version("1.3.0"))
                .with_blocked([version("1.3.0+build")]),
            "invalid recommended 1.3.0: expected a version that is not blocked",
        ),
        (
            rule().with_announced_from(SystemTime::UNIX_EPOCH),
            "invalid announced_minimum none: expected a version, since it has a date or an enforcement",
        ),
        (
            rule().with_announced_enforcement(Enforcement::DryRun),
            "invalid announced_minimum none: expected a version, since it has a date or an enforcement",
        ),
    ] {
        let of_platform = VersionPolicy::builder(VersionRule::new(version("0.1.0")));
        let of_platform = of_platform.with_platform("ios", rule.clone());

        assert_eq!(error(VersionPolicy::builder(rule)), expected);
        assert_eq!(error(of_platform), format!("platform ios: {expected}"));
    }
}

// A client opens it, and it must not end early in a `Link`.
#[test]
fn an_update_is_at_an_absolute_url() {
    for bad in [
        "",
        "foo",
        "/update",
        "//example.com",
        "https:",
        ":a",
        "1a:b",
        "a b:c",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,a",
        "vbscript:a",
        "https://a b",
        "https://a>",
        "https://a\"b",
        "https://a\r\nb",
        "https://ä",
        "https://a\\b",
    ] {
        let error = error(VersionPolicy::builder(rule().with_update_url(bad)));
        let expected = "expected an absolute URL, as in \"https://example.com/update\"";
        assert_eq!(error, format!("invalid update_url {bad:?}: {expected}"));
    }
    for url in [
        "https://example.com/update?a=b#c",
        "market://details?id=com.example",
        "itms-apps://apps.apple.com/app/id1",
        "ms-windows-store:pdp/?ProductId=1",
    ] {
        let policy = VersionPolicy::builder(rule().with_update_url(url)).build();
        assert!(policy.is_ok(), "{url}");
    }
}

#[test]
fn a_maximum_without_a_build_may_be_that_of_a_recommended_build() {
    let version = |text: &str| text.parse::<AppVersion>().unwrap();
    let rule = VersionRule::new(version("1.2"))
        .with_recommended(version("2.0 (5)"))
        .with_maximum(version("2.0"));

    assert!(VersionPolicy::builder(rule.clone()).build().is_ok());
    let blocked = VersionPolicy::builder(rule.with_blocked([version("2.0")])).build();
    assert_eq!(
        blocked.unwrap_err().to_string(),
        "invalid recommended 2.0 (5): expected a version that is not blocked"
    );
}

#[test]
fn a_name_that_cannot_be_sent_is_rejected() {
    let policy = || VersionPolicy::builder(rule());
    let long = "x".repeat(65);

    for product in ["", "an app", "app\r\nx: y", "app/1"] {
        let error = error(policy().with_product(product));
        let expected = format!("invalid product {product:?}: expected a token");
        assert_eq!(error, expected);
    }
    for platform in ["", "an os", "ä", &long] {
        let error = error(policy().with_platform(platform, rule()));
        let expected = "expected 1 to 64 visible ASCII characters";
        assert_eq!(error, format!("invalid platform {platform:?}: {expected}"));
    }
    let twice = policy().with_platform("ios", rule());
    assert_eq!(
        error(twice.with_platform("iOS", rule())),
        r#"invalid platform "iOS": expected one rule for each platform"#
    );
}

#[test]
fn a_percentage_needs_a_rollout_key() {
    let part = Enforcement::Percent(Percent::new(5).unwrap());
    let expected = "5 percent: expected a rollout key that identifies clients";
    let announced = rule().with_announced_minimum(version("1.4.0"));
    let announced = announced.with_announced_enforcement(part);
    let announced = VersionPolicy::builder(announced);
    let whole = VersionPolicy::builder(rule()).with_enforcement(part);

    for (field, policy) in [
        ("enforcement of the announced_minimum", announced),
        ("enforcement", whole),
    ] {
        assert_eq!(error(policy.clone()), format!("invalid {field} {expected}"));
        assert!(policy.with_rollout_key(|_| None).build().is_ok(), "{field}");
    }
}
