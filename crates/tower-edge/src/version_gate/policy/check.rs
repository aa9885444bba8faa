//! Checks that the settings of a policy fit together.

use std::error::Error;
use std::fmt;

use tower_edge_core::http_ext::is_token;

use super::{VersionPolicyBuilder, VersionRule};
use crate::Enforcement;
use crate::version_gate::Version;

/// Settings of a policy that contradict each other. The message has the field, its value, and the expected value.
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
    ensure(
        is_token(&policy.product),
        "product",
        &policy.product,
        "a token",
    )?;
    check_percent("enforcement", policy.enforcement, policy)?;
    check_rule(&policy.rule, policy)?;
    for (index, (platform, rule)) in policy.platforms.iter().enumerate() {
        ensure(is_visible(platform), "platform", platform, VISIBLE)?;
        let mut before = policy.platforms.iter().take(index);
        let is_new = before.all(|(known, _)| !known.eq_ignore_ascii_case(platform));
        ensure(is_new, "platform", platform, "one rule for each platform")?;
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
    let ascending = [
        ("announced_minimum", &rule.announced),
        ("recommended", &rule.recommended),
        ("maximum", &rule.maximum),
    ];
    let others = ascending
        .into_iter()
        .filter_map(|(field, it)| Some((field, it.as_ref()?)));
    let mut before = ("minimum", &rule.minimum);
    for (field, version) in [before].into_iter().chain(others) {
        let expected = format!("at least the {} {}", before.0.replace('_', " "), before.1);
        let is_ascending = version >= before.1 || version.includes(before.1);
        ensure(is_ascending, field, format_args!("{version}"), expected)?;
        let is_allowed = !rule.blocked.iter().any(|it| it.includes(version));
        let expected = "a version that is not blocked";
        ensure(is_allowed, field, format_args!("{version}"), expected)?;
        before = (field, version);
    }
    let is_announced = rule.announced_from.is_some() || rule.announced_enforcement.is_some();
    let expected = "a version, since it has a date or an enforcement";
    let is_whole = rule.announced.is_some() || !is_announced;
    ensure(
        is_whole,
        "announced_minimum",
        format_args!("none"),
        expected,
    )?;
    let enforcement = rule.announced_enforcement.unwrap_or_default();
    check_percent("enforcement of the announced_minimum", enforcement, policy)?;
    let Some(url) = &rule.update_url else {
        return Ok(());
    };
    let expected = "an absolute URL, as in \"https://example.com/update\"";
    ensure(is_url(url), "update_url", url, expected)
}

/// Whether clients have an identity if a policy is enforced for a part of them.
fn check_percent<V>(
    field: &str,
    enforcement: Enforcement,
    policy: &VersionPolicyBuilder<V>,
) -> Result<(), VersionPolicyError> {
    let Enforcement::Percent(part) = enforcement else {
        return Ok(());
    };
    let expected = "a rollout key that identifies clients";
    ensure(
        policy.rollout_key.is_some(),
        field,
        format_args!("{} percent", part.percent()),
        expected,
    )
}

/// An error with the field, its value, and the expected value, unless the setting is valid.
pub(crate) fn ensure(
    is_valid: bool,
    field: &str,
    value: impl fmt::Debug,
    expected: impl fmt::Display,
) -> Result<(), VersionPolicyError> {
    let error = || VersionPolicyError(format!("invalid {field} {value:?}: expected {expected}"));
    if is_valid { Ok(()) } else { Err(error()) }
}

/// Whether a client can send the text.
pub(crate) fn is_visible(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The expectation of [`is_visible`].
const VISIBLE: &str = "1 to 64 visible ASCII characters";

/// Whether the text can be a URI that a client may open: a scheme, and characters of [RFC 3986, section
/// 2](https://www.rfc-editor.org/rfc/rfc3986#section-2) only, so that it cannot end early in a `Link`.
fn is_url(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let (scheme, rest) = text.split_once(':').unwrap_or_default();
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let mut scripts = ["data", "javascript", "vbscript"].into_iter();
    let is_script = scripts.any(|script| scheme.eq_ignore_ascii_case(script));
    is_scheme && !is_script && !rest.is_empty() && rest.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests;
