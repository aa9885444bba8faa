//! Whether a policy fits together.

use super::{Policy, PolicyError, Rule, token};
use crate::Enforcement;
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
        Enforcement::Percent(share) if policy.share_by.is_none() => {
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
mod tests;
