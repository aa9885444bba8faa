//! Version policies in a configuration file.

use std::collections::BTreeMap;
use std::fmt::Display;

use http::{HeaderName, HeaderValue};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::Enforcement;
use crate::version_gate::{OnUnknown, Version, VersionPolicy, VersionPolicyBuilder, VersionRule};

/// Reads a policy from TOML, YAML or any other format that serde has.
///
/// ```
/// use tower_edge::version_gate::{SemVer, VersionGateLayer, VersionPolicy};
///
/// let policy: VersionPolicy<SemVer> = toml::from_str(r#"
///     missing = "reject"                          # or "allow", the default
///     malformed = "allow"                         # or "reject", the default
///     unknown_platform = "reject"                 # or "allow"; the default is the default rule
///     enforcement = "dry_run"                     # or a percentage of clients, or "enforce", the default
///     product = "plexichat"                       # in Upgrade; the default is "client"
///     server_version = "1.5.0"
///     rollout_key = "header:x-device-id"          # identifies clients for a percentage
///
///     [default]                                   # the rule for all platforms
///     minimum = "1.2.0"
///     recommended = "1.4.0"
///     latest = "1.5.0"
///     maximum = "1.9.0"
///     blocked = ["1.3.7"]
///     update_url = "https://example.com/update"
///     announced_minimum = { version = "1.3.0", from = "2027-03-01T00:00:00Z", enforcement = 10 }
///
///     [platforms.ios]
///     minimum = "1.3.0"
/// "#)?;
/// let layer = VersionGateLayer::from_policy(policy);
/// # let _ = layer;
/// # Ok::<(), toml::de::Error>(())
/// ```
///
/// Only the `minimum` of the `default` rule has to be there. A policy that does not fit together is an error, and so is a
/// field that is not known.
impl<'de, V: Version<Err: Display>> Deserialize<'de> for VersionPolicy<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = PolicyTable::deserialize(deserializer)?;
        let policy = table.policy().map_err(D::Error::custom)?;
        policy.build().map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyTable {
    default: RuleTable,
    enforcement: Option<Enforcement>,
    malformed: Option<String>,
    missing: Option<String>,
    #[serde(default)]
    platforms: BTreeMap<String, RuleTable>,
    product: Option<String>,
    rollout_key: Option<String>,
    server_version: Option<String>,
    unknown_platform: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    announced_minimum: Option<AnnouncedTable>,
    #[serde(default)]
    blocked: Vec<String>,
    latest: Option<String>,
    maximum: Option<String>,
    minimum: String,
    recommended: Option<String>,
    update_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnnouncedTable {
    enforcement: Option<Enforcement>,
    from: Option<String>,
    version: String,
}

impl PolicyTable {
    fn policy<V: Version<Err: Display>>(self) -> Result<VersionPolicyBuilder<V>, String> {
        let mut policy = VersionPolicy::builder(self.default.rule()?)
            .with_enforcement(self.enforcement.unwrap_or_default());
        for (platform, rule) in self.platforms {
            let rule = rule.rule();
            let rule = rule.map_err(|error| format!("platform {platform}: {error}"))?;
            policy = policy.with_platform(&platform, rule);
        }
        if let Some(malformed) = &self.malformed {
            policy = policy.with_malformed(on_unknown("malformed", malformed)?);
        }
        if let Some(missing) = &self.missing {
            policy = policy.with_missing(on_unknown("missing", missing)?);
        }
        if let Some(unknown) = &self.unknown_platform {
            policy = policy.with_unknown_platform(on_unknown("unknown_platform", unknown)?);
        }
        if let Some(product) = &self.product {
            policy = policy.with_product(product);
        }
        if let Some(server) = &self.server_version {
            policy = policy.with_server_version(version("server_version", server)?);
        }
        if let Some(key) = &self.rollout_key {
            let name = key.strip_prefix("header:");
            let name = name.and_then(|name| name.parse::<HeaderName>().ok());
            let expected = "\"header:NAME\"";
            let name = name.ok_or_else(|| invalid("rollout_key", key, expected))?;
            policy = policy
                .with_rollout_key(move |head| head.headers.get(&name).map(HeaderValue::as_bytes));
        }
        Ok(policy)
    }
}

impl RuleTable {
    fn rule<V: Version<Err: Display>>(self) -> Result<VersionRule<V>, String> {
        let blocked = self.blocked.iter();
        let blocked = blocked.map(|blocked| version("blocked", blocked));
        let mut rule = VersionRule::new(version("minimum", &self.minimum)?)
            .with_blocked(blocked.collect::<Result<Vec<_>, _>>()?);
        if let Some(announced) = &self.announced_minimum {
            let minimum = version("announced_minimum", &announced.version)?;
            let from = announced.from.as_ref().map(|from| {
                let expected = "a date and time, as in \"2027-03-01T00:00:00Z\"";
                humantime::parse_rfc3339(from).map_err(|_| invalid("from", from, expected))
            });
            let enforcement = announced.enforcement.unwrap_or_default();
            rule = rule.with_announced_minimum(minimum, from.transpose()?, enforcement);
        }
        if let Some(recommended) = &self.recommended {
            rule = rule.with_recommended(version("recommended", recommended)?);
        }
        if let Some(latest) = &self.latest {
            rule = rule.with_latest(version("latest", latest)?);
        }
        if let Some(maximum) = &self.maximum {
            rule = rule.with_maximum(version("maximum", maximum)?);
        }
        Ok(match &self.update_url {
            Some(url) => rule.with_update_url(url),
            None => rule,
        })
    }
}

fn version<V: Version<Err: Display>>(field: &str, text: &str) -> Result<V, String> {
    text.parse()
        .map_err(|error: V::Err| format!("invalid {field} {text:?}: {error}"))
}

fn on_unknown(field: &str, text: &str) -> Result<OnUnknown, String> {
    match text {
        "allow" => Ok(OnUnknown::Allow),
        "reject" => Ok(OnUnknown::Reject),
        _ => Err(invalid(field, text, "\"allow\" or \"reject\"")),
    }
}

fn invalid(field: &str, value: &str, expected: &str) -> String {
    format!("invalid {field} {value:?}: expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version_gate::SemVer;

    const MINIMUM: &str = "[default]\nminimum = \"1.2.0\"\n";

    fn error(text: &str) -> String {
        let policy = toml::from_str::<VersionPolicy<SemVer>>(text);
        policy.unwrap_err().to_string()
    }

    #[test]
    fn a_minimum_is_enough() {
        let policy = toml::from_str::<VersionPolicy<SemVer>>(MINIMUM);

        assert!(policy.is_ok(), "{policy:?}");
    }

    #[test]
    fn each_field_sets_what_it_names() {
        let policy: VersionPolicy<SemVer> = toml::from_str(
            "missing = \"reject\"\nmalformed = \"allow\"\nunknown_platform = \"reject\"\n\
             enforcement = \"dry_run\"\nproduct = \"app\"\nserver_version = \"7.0.0\"\n\
             rollout_key = \"header:x-device\"\n[default]\nminimum = \"1.1.1\"\n\
             recommended = \"2.2.2\"\nlatest = \"3.3.3\"\nmaximum = \"4.4.4\"\nblocked = [\"1.9.9\"]\n\
             update_url = \"/update\"\nannounced_minimum = { version = \"1.2.2\", from = \
             \"2027-03-01T00:00:00Z\", enforcement = 10 }\n[platforms.ios]\nminimum = \"5.5.5\"\n",
        )
        .unwrap();

        let settings = format!("{:?}", policy.to_builder());
        let settings = settings.replace("major: ", "").replace("minor: ", "");
        for part in [
            "missing: Reject",
            "malformed: Allow",
            "unknown_platform: Some(Reject)",
            "enforcement: DryRun",
            "product: \"app\"",
            "rollout_key: Some(",
            "recommended: Some(SemVer(Version { 2, 2,",
            "latest: Some(SemVer(Version { 3, 3,",
            "maximum: Some(SemVer(Version { 4, 4,",
            "blocked: [SemVer(Version { 1, 9,",
            "update_url: Some(\"/update\")",
            "announced: Some(Announced { minimum: SemVer(Version { 1, 2,",
            "tv_sec: 1803859200",
            "enforcement: Percent(Percent(10))",
            "server: Some(SemVer(Version { 7,",
            "\"ios\", VersionRule { minimum: SemVer(Version { 5,",
        ] {
            assert!(settings.contains(part), "{part} in {settings}");
        }
    }

    #[test]
    fn what_is_not_valid_is_named_with_what_is() {
        for (before, after, expected) in [
            (
                "missing = \"deny\"",
                "",
                r#"invalid missing "deny": expected "allow" or "reject""#,
            ),
            (
                "malformed = \"deny\"",
                "",
                r#"invalid malformed "deny": expected"#,
            ),
            (
                "unknown_platform = \"deny\"",
                "",
                r#"invalid unknown_platform "deny": expected"#,
            ),
            ("enforcement = 101", "", "invalid enforcement 101: expected"),
            (
                "enforcement = 5",
                "",
                "invalid enforcement 5 percent: expected a rollout key",
            ),
            (
                "rollout_key = \"x-id\"",
                "",
                r#"invalid rollout_key "x-id": expected "header:NAME""#,
            ),
            (
                "product = \"an app\"",
                "",
                r#"invalid product "an app": expected a token"#,
            ),
            (
                "server_version = \"x\"",
                "",
                r#"invalid server_version "x": not a version: expected"#,
            ),
            (
                "platform = 1",
                "",
                "unknown field `platform`, expected one of `default`",
            ),
            ("", "minimal = \"1\"", "unknown field `minimal`"),
            (
                "",
                "recommended = \"1\"",
                r#"invalid recommended "1": not a version: expected MAJOR"#,
            ),
            (
                "",
                "recommended = \"1.1.0\"",
                "invalid recommended 1.1.0: expected at least the minimum 1.2.0",
            ),
            (
                "",
                "blocked = [\"1.2.0\"]",
                "invalid minimum 1.2.0: expected a version that is not blocked",
            ),
            (
                "",
                "update_url = \"a b\"",
                r#"invalid update_url "a b": expected a URL"#,
            ),
            (
                "",
                "announced_minimum = { version = \"1.3.0\", from = \"March\" }",
                r#"invalid from "March": expected a date and time"#,
            ),
            (
                "",
                "[platforms.ios]\nminimum = \"one\"",
                r#"platform ios: invalid minimum "one": not a version"#,
            ),
            (
                "",
                "[platforms.ios]\nminimum = \"1.0.0\"\nmaximum = \"0.9.0\"",
                "platform ios: invalid maximum 0.9.0: expected at least the minimum 1.0.0",
            ),
        ] {
            let error = error(&format!("{before}\n{MINIMUM}{after}"));
            assert!(error.contains(expected), "{error}");
        }
        assert!(error("").contains("missing field `default`"));
        assert!(error("[default]").contains("missing field `minimum`"));
    }
}
