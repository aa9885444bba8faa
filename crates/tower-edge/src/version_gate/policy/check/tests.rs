use std::time::SystemTime;

use super::*;
use crate::Percent;
use crate::version_gate::SemVer;

fn version(text: &str) -> SemVer {
    text.parse().unwrap()
}

fn minimum(text: &str) -> Rule<SemVer> {
    Rule::new(version(text))
}

fn said(policy: &Policy<SemVer>) -> String {
    policy.check().unwrap_err().to_string()
}

#[test]
fn versions_in_their_order_are_taken() {
    let now = SystemTime::UNIX_EPOCH;
    let same = minimum("1.0.0")
        .with_recommended(version("1.0.0"))
        .with_latest(version("1.0.0"))
        .with_maximum(version("1.0.0"))
        .with_pending_minimum(version("1.0.0"), now);
    let apart = minimum("1.0.0")
        .with_recommended(version("1.2.0"))
        .with_latest(version("1.4.0"))
        .with_maximum(version("2.0.0"))
        .with_pending_minimum(version("1.3.0"), now)
        .with_blocked([version("1.3.1"), version("0.1.0")])
        .with_update_url("https://example.com/update");
    let policy = Policy::new(apart.clone())
        .with_always_served(version("1.3.0"))
        .with_platform("ios", same)
        .with_platform("Android", apart);

    assert_eq!(policy.check(), Ok(()));
}

#[test]
fn versions_out_of_order_are_refused_by_the_name_of_the_field() {
    let now = SystemTime::UNIX_EPOCH;
    let rule = || minimum("1.5.0");
    let other = version("1.4.0");
    let rows = [
        (
            rule().with_recommended(other.clone()),
            "recommended 1.4.0 is not valid: expected at least the minimum, 1.5.0",
        ),
        (
            rule().with_latest(other.clone()),
            "latest 1.4.0 is not valid: expected at least the minimum, 1.5.0",
        ),
        (
            rule().with_maximum(other.clone()),
            "maximum 1.4.0 is not valid: expected at least the minimum, 1.5.0",
        ),
        (
            rule().with_pending_minimum(other.clone(), now),
            "pending_minimum 1.4.0 is not valid: expected at least the minimum, 1.5.0",
        ),
        (
            minimum("1.0.0")
                .with_recommended(version("1.5.0"))
                .with_latest(other.clone()),
            "latest 1.4.0 is not valid: expected at least the recommended, 1.5.0",
        ),
        (
            minimum("1.0.0")
                .with_recommended(version("1.5.0"))
                .with_maximum(other.clone()),
            "maximum 1.4.0 is not valid: expected at least the recommended, 1.5.0",
        ),
        (
            minimum("1.0.0")
                .with_latest(version("1.5.0"))
                .with_maximum(other.clone()),
            "maximum 1.4.0 is not valid: expected at least the latest, 1.5.0",
        ),
        (
            minimum("1.0.0")
                .with_pending_minimum(version("1.5.0"), now)
                .with_latest(other),
            "latest 1.4.0 is not valid: expected at least the pending minimum, 1.5.0",
        ),
    ];

    for (rule, expected) in rows {
        assert_eq!(said(&Policy::new(rule)), expected);
    }
}

#[test]
fn the_platform_is_named_too() {
    let rule = minimum("1.5.0").with_latest(version("1.4.0"));
    let policy = Policy::new(minimum("1.0.0")).with_platform("ios", rule);

    let error = policy.check().unwrap_err();

    assert_eq!(
        (error.field(), error.value(), error.platform()),
        ("latest", "1.4.0", Some("ios"))
    );
    assert_eq!(
        error.to_string(),
        "latest 1.4.0 of platform ios is not valid: expected at least the minimum, 1.5.0"
    );
}

#[test]
fn a_platform_has_a_name_and_one_rule() {
    let policy = |names: &[&str]| {
        names
            .iter()
            .fold(Policy::new(minimum("1.0.0")), |policy, name| {
                policy.with_platform(name, minimum("1.0.0"))
            })
    };

    assert_eq!(
        said(&policy(&["ios", "iOS"])),
        "platform iOS is not valid: expected one rule for each platform"
    );
    for bad in ["", "an os", "ö", &"x".repeat(65)] {
        assert_eq!(policy(&[bad]).check().unwrap_err().field(), "platform");
    }
}

#[test]
fn what_clients_are_told_to_have_is_not_blocked() {
    let blocked = version("1.4.0");
    let rule = || minimum("1.0.0").with_blocked([blocked.clone()]);

    for rule in [
        rule().with_recommended(blocked.clone()),
        rule().with_latest(blocked.clone()),
        rule().with_pending_minimum(blocked.clone(), SystemTime::UNIX_EPOCH),
        minimum("1.4.0").with_blocked([blocked.clone()]),
    ] {
        assert_eq!(Policy::new(rule).check().unwrap_err().field(), "blocked");
    }
}

#[test]
fn a_policy_that_turns_away_its_own_client_is_refused() {
    let rule = || minimum("1.2.0").with_maximum(version("2.0.0"));
    for (rule, own, expected) in [
        (rule(), "1.1.0", "expected at least the minimum, 1.2.0"),
        (rule(), "2.1.0", "expected at most the maximum, 2.0.0"),
        (
            rule().with_blocked([version("1.3.0")]),
            "1.3.0",
            "expected a version that is not blocked",
        ),
        (
            rule().with_pending_minimum(version("1.5.0"), SystemTime::UNIX_EPOCH),
            "1.4.0",
            "expected at least the minimum, 1.5.0",
        ),
    ] {
        let policy = Policy::new(rule).with_always_served(version(own));

        assert_eq!(
            said(&policy),
            format!("always_served {own} is not valid: {expected}")
        );
    }
}

#[test]
fn a_share_of_clients_that_nobody_tells_apart_is_refused() {
    let share = || Enforcement::Percent(Percent::new(5).unwrap());
    let next = || minimum("1.0.0").with_next_minimum(version("1.1.0"), share());
    let expected = "expected a policy that tells clients apart, by `with_share_by`";

    for (policy, field) in [
        (
            Policy::new(minimum("1.0.0")).with_enforcement(share()),
            "enforcement share of 5 percent",
        ),
        (
            Policy::new(next()),
            "pending_enforcement share of 5 percent",
        ),
        (
            Policy::new(minimum("1.0.0")).with_platform("ios", next()),
            "pending_enforcement share of 5 percent of platform ios",
        ),
    ] {
        assert_eq!(said(&policy), format!("{field} is not valid: {expected}"));
        let told_apart = policy.with_share_by(|head| head.uri.query().map(str::as_bytes));
        assert_eq!(told_apart.check(), Ok(()));
    }
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let policy = Policy::new(minimum("1.0.0")).with_product("an app");
    assert_eq!(policy.check().unwrap_err().field(), "product");

    for bad in ["", "a b", "https://example.com/>", "x\r\ny"] {
        let policy = Policy::new(minimum("1.0.0").with_update_url(bad));
        assert_eq!(policy.check().unwrap_err().field(), "update_url", "{bad:?}");
    }
}
