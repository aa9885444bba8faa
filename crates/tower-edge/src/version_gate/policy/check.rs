//! Whether a policy fits together.

use std::error::Error;
use std::fmt;

use tower_edge_core::http_ext::is_token;

use super::{VersionPolicyBuilder, VersionRule};
use crate::Enforcement;
use crate::version_gate::Version;

/// A policy does not fit together. The message has the field, its value, and what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionPolicyError(String);

impl fmt::Display for VersionPolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for VersionPolicyError {}

pub(super) fn check<V: Version>(
    policy: &VersionPolicyBuilder<V>,
) -> Result<(), VersionPolicyError> {
    let product = format!("{:?}", policy.product);
    ensure(is_token(&policy.product), "product", product, "a token")?;
    check_percent("enforcement", policy.enforcement, policy)?;
    check_rule(&policy.rule, policy)?;
    for (index, (platform, rule)) in policy.platforms.iter().enumerate() {
        let is_visible = platform.bytes().all(|byte| byte.is_ascii_graphic());
        let is_valid = is_visible && (1..=64).contains(&platform.len());
        let quoted = format!("{platform:?}");
        let expected = "1 to 64 visible ASCII characters";
        ensure(is_valid, "platform", &quoted, expected)?;
        let mut before = policy.platforms.iter().take(index);
        let is_new = before.all(|(known, _)| !known.eq_ignore_ascii_case(platform));
        ensure(is_new, "platform", &quoted, "one rule for each platform")?;
        check_rule(rule, policy).map_err(|VersionPolicyError(error)| {
            VersionPolicyError(format!("platform {platform}: {error}"))
        })?;
    }
    Ok(())
}

fn check_rule<V: Version>(
    rule: &VersionRule<V>,
    policy: &VersionPolicyBuilder<V>,
) -> Result<(), VersionPolicyError> {
    let announced = rule.announced.as_ref();
    let ascending = [
        ("minimum", Some(&rule.minimum)),
        ("announced_minimum", announced.map(|it| &it.minimum)),
        ("recommended", rule.recommended.as_ref()),
        ("latest", rule.latest.as_ref()),
        ("maximum", rule.maximum.as_ref()),
    ];
    let mut before = ("minimum", &rule.minimum);
    for (field, version) in ascending {
        let Some(version) = version else { continue };
        let expected = format!("at least the {} {}", before.0.replace('_', " "), before.1);
        ensure(version >= before.1, field, version, expected)?;
        let is_allowed = !rule.blocked.contains(version);
        ensure(is_allowed, field, version, "a version that is not blocked")?;
        before = (field, version);
    }
    if let Some(announced) = announced {
        check_percent("announced_minimum", announced.enforcement, policy)?;
    }
    match &rule.update_url {
        Some(url) => ensure(is_url(url), "update_url", format_args!("{url:?}"), "a URL"),
        None => Ok(()),
    }
}

/// Whether clients can be told apart if a part of them is meant.
fn check_percent<V>(
    field: &str,
    enforcement: Enforcement,
    policy: &VersionPolicyBuilder<V>,
) -> Result<(), VersionPolicyError> {
    let Enforcement::Percent(part) = enforcement else {
        return Ok(());
    };
    let value = format!("{} percent", part.percent());
    let expected = "a rollout key that identifies clients";
    ensure(policy.rollout_key.is_some(), field, value, expected)
}

/// An error with the field, its value, and what is expected, unless it is valid.
pub(crate) fn ensure(
    is_valid: bool,
    field: &str,
    value: impl fmt::Display,
    expected: impl fmt::Display,
) -> Result<(), VersionPolicyError> {
    is_valid
        .then_some(())
        .ok_or_else(|| VersionPolicyError(format!("invalid {field} {value}: expected {expected}")))
}

/// Whether the text can be a URI-Reference: characters of
/// [RFC 3986, section 2](https://www.rfc-editor.org/rfc/rfc3986#section-2) only, so that it cannot end early in a `Link`.
fn is_url(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests;
