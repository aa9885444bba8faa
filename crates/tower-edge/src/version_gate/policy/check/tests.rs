use super::*;
use crate::Percent;
use crate::version_gate::{SemVer, VersionPolicy};

fn version(text: &str) -> SemVer {
    text.parse().unwrap()
}

fn rule() -> VersionRule<SemVer> {
    VersionRule::new(version("1.2.0"))
}

fn announced(rule: VersionRule<SemVer>, minimum: &str) -> VersionRule<SemVer> {
    rule.with_announced_minimum(version(minimum), None, Enforcement::DryRun)
}

fn error(policy: VersionPolicyBuilder<SemVer>) -> String {
    policy.build().unwrap_err().to_string()
}

#[test]
fn versions_that_fit_together_are_a_policy() {
    let rule = announced(rule(), "1.2.0")
        .with_recommended(version("1.3.0"))
        .with_latest(version("1.4.0"))
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
            announced(rule(), "1.4.0").with_latest(version("1.3.0")),
            "invalid latest 1.3.0: expected at least the announced minimum 1.4.0",
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
            rule().with_update_url("https://example.com/\" onclick"),
            r#"invalid update_url "https://example.com/\" onclick": expected a URL"#,
        ),
        (
            rule().with_update_url(""),
            r#"invalid update_url "": expected a URL"#,
        ),
    ] {
        let of_platform = VersionPolicy::builder(VersionRule::new(version("0.1.0")));
        let of_platform = of_platform.with_platform("ios", rule.clone());

        assert_eq!(error(VersionPolicy::builder(rule)), expected);
        assert_eq!(error(of_platform), format!("platform ios: {expected}"));
    }
}

#[test]
fn nothing_breaks_out_of_a_link() {
    for bad in ["a b", "a>", "<a", "a\"b", "a\r\nb", "ä", "a\\b"] {
        assert!(!is_url(bad), "{bad:?}");
    }
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
    let announced = rule().with_announced_minimum(version("1.4.0"), None, part);
    let announced = VersionPolicy::builder(announced);
    let whole = VersionPolicy::builder(rule()).with_enforcement(part);

    for (field, policy) in [("announced_minimum", announced), ("enforcement", whole)] {
        assert_eq!(error(policy.clone()), format!("invalid {field} {expected}"));
        assert!(policy.with_rollout_key(|_| None).build().is_ok(), "{field}");
    }
}
