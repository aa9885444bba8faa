//! Whether a policy fits together.

use super::{Enforcement, Policy, PolicyError, Rule, token};
use crate::version_gate::Version;

impl<V: Version> Policy<V> {
    /// Whether all of it fits together, as gates and handles ask.
    ///
    /// # Errors
    ///
    /// When versions are not in the order minimum ≤ recommended ≤ latest ≤ maximum, when a pending
    /// minimum is below the minimum or above the latest or the maximum, when a version that clients are
    /// told to have or that is always served would be refused, when a share is enforced and nothing tells
    /// one client from another, when a URL is none, or when the name of a product or platform cannot be
    /// sent, or a platform has two rules.
    pub fn check(&self) -> Result<(), PolicyError> {
        policy(self)
    }
}

pub(super) fn policy<V: Version>(policy: &Policy<V>) -> Result<(), PolicyError> {
    if !token::is_token(&policy.product) {
        let expected = "a token of letters, digits and !#$%&'*+-.^_`|~";
        return Err(PolicyError::new(
            "product",
            &policy.product,
            expected.into(),
        ));
    }
    shares("enforcement", policy.enforcement, policy)?;
    rule(&policy.rule)?;
    shares(PENDING, policy.rule.pending_enforcement, policy)?;
    for version in &policy.always_served {
        served("always_served", version, &policy.rule)?;
    }
    for (number, (platform, rule_of)) in policy.platforms.iter().enumerate() {
        name(platform)?;
        let before = policy.platforms.iter().take(number);
        if before
            .into_iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(platform))
        {
            return Err(PolicyError::new(
                "platform",
                platform,
                "one rule for each platform".into(),
            ));
        }
        let shares = || shares(PENDING, rule_of.pending_enforcement, policy);
        rule(rule_of)
            .and_then(|()| shares())
            .map_err(|error| error.of_platform(platform))?;
    }
    Ok(())
}

fn name(platform: &str) -> Result<(), PolicyError> {
    let is_visible = platform.bytes().all(|byte| byte.is_ascii_graphic());
    if is_visible && (1..=MAX_PLATFORM).contains(&platform.len()) {
        Ok(())
    } else {
        let expected = "1 to 64 visible ASCII characters";
        Err(PolicyError::new("platform", platform, expected.into()))
    }
}

fn rule<V: Version>(rule: &Rule<V>) -> Result<(), PolicyError> {
    let pending = rule.pending.as_ref().map(|pending| &pending.minimum);
    let steps = [
        ("minimum", Some(&rule.minimum)),
        ("recommended", rule.recommended.as_ref()),
        ("latest", rule.latest.as_ref()),
        ("maximum", rule.maximum.as_ref()),
    ];
    ascending(steps)?;
    let [minimum, _, latest, maximum] = steps;
    ascending([minimum, ("pending_minimum", pending), latest, maximum])?;
    for (field, version) in steps.into_iter().chain([("pending_minimum", pending)]) {
        if let Some(version) = version.filter(|version| rule.blocked.contains(version)) {
            let expected = format!("no version that is told to clients, and {field} is {version}");
            return Err(PolicyError::new("blocked", version, expected));
        }
    }
    match &rule.update_url {
        Some(url) if !token::is_url(url) => {
            Err(PolicyError::new("update_url", url, "a URL".into()))
        }
        _ => Ok(()),
    }
}

/// Whether there is a share only where clients are told apart.
fn shares<V>(
    field: &'static str,
    enforcement: Enforcement,
    policy: &Policy<V>,
) -> Result<(), PolicyError> {
    match enforcement {
        Enforcement::Share(share) if policy.share_by.is_none() => {
            let share = format!("share of {} percent", share.percent());
            let expected = "a policy that tells clients apart, by `with_share_by`";
            Err(PolicyError::new(field, &share, expected.into()))
        }
        _ => Ok(()),
    }
}

/// Each version that is there is at least the one before it.
fn ascending<V: Version>(steps: [(&'static str, Option<&V>); 4]) -> Result<(), PolicyError> {
    let steps = steps
        .into_iter()
        .filter_map(|(field, version)| Some((field, version?)));
    let mut before: Option<(&str, &V)> = None;
    for (field, version) in steps {
        match before {
            Some((name, least)) if version < least => {
                let expected = format!("at least the {}, {least}", name.replace('_', " "));
                return Err(PolicyError::new(field, version, expected));
            }
            _ => before = Some((field, version)),
        }
    }
    Ok(())
}

/// Whether the rule serves this version, now and when what is pending has come.
fn served<V: Version>(field: &'static str, version: &V, rule: &Rule<V>) -> Result<(), PolicyError> {
    let pending = rule.pending.as_ref().map(|pending| &pending.minimum);
    let least = pending.unwrap_or(&rule.minimum);
    if version < least {
        return Err(PolicyError::new(
            field,
            version,
            format!("at least the minimum, {least}"),
        ));
    }
    match &rule.maximum {
        Some(most) if version > most => {
            return Err(PolicyError::new(
                field,
                version,
                format!("at most the maximum, {most}"),
            ));
        }
        _ => {}
    }
    if rule.blocked.contains(version) {
        return Err(PolicyError::new(
            field,
            version,
            "a version that is not blocked".into(),
        ));
    }
    Ok(())
}

const MAX_PLATFORM: usize = 64;
const PENDING: &str = "pending_enforcement";

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::version_gate::{Percent, SemVer};

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
        let share = || Enforcement::Share(Percent::new(5).unwrap());
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
}
