//! Version policies in a configuration file.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::Enforcement;
use crate::version_gate::{
    AppVersion, OnUnknown, SemVer, Staged, Version, VersionPolicy, VersionPolicyBuilder,
    VersionRule,
};

/// Reads a policy from TOML, YAML or any other format with a serde deserializer.
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
///     maximum = "1.9.0"
///     blocked = ["1.3.7"]
///     update_url = "https://example.com/update"
///     announced_minimum = { version = "1.3.0", from = 2027-03-01T00:00:00Z, enforcement = 10 } # or "1.3.0"
///
///     [platforms.ios]
///     minimum = "1.3.0"
/// "#)?;
/// let layer = VersionGateLayer::from_policy(policy);
/// # let _ = layer;
/// # Ok::<(), toml::de::Error>(())
/// ```
///
/// Only the `minimum` of the `default` rule is required. A date is by RFC 3339, in quotes or TOML's own. Settings that
/// contradict each other are an error, and so is an unknown field.
///
/// A file can be read again while requests are served. A mistake in it changes nothing:
///
/// ```
/// use tower_edge::ReloadHandle;
/// use tower_edge::version_gate::{SemVer, VersionPolicy};
///
/// fn reload(handle: &ReloadHandle<VersionPolicy<SemVer>>, path: &str) {
///     let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
///     match text.and_then(|text| toml::from_str(&text).map_err(|error| error.to_string())) {
///         Ok(policy) => drop(handle.replace(policy)),
///         Err(error) => eprintln!("{path} is not used: {error}"),
///     }
/// }
/// # let policy: VersionPolicy<SemVer> = toml::from_str("[default]\nminimum = \"1.2.0\"")?;
/// # let handle = ReloadHandle::new(policy);
/// # reload(&handle, "no such file");
/// # Ok::<(), toml::de::Error>(())
/// ```
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
    malformed: Option<Value>,
    missing: Option<Value>,
    #[serde(default)]
    platforms: BTreeMap<String, RuleTable>,
    product: Option<Value>,
    rollout_key: Option<Value>,
    server_version: Option<Value>,
    unknown_platform: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    announced_minimum: Option<Announced>,
    #[serde(default)]
    blocked: Vec<Value>,
    maximum: Option<Value>,
    minimum: Value,
    recommended: Option<Value>,
    update_url: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnnouncedTable {
    enforcement: Option<Enforcement>,
    from: Option<Value>,
    version: Value,
}

/// A version alone, or a table.
struct Announced(AnnouncedTable);

impl<'de> Deserialize<'de> for Announced {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnnouncedVisitor)
    }
}

struct AnnouncedVisitor;

impl<'de> Visitor<'de> for AnnouncedVisitor {
    type Value = Announced;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("announced_minimum as a version in quotes, or as a table with a version")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Announced, E> {
        Ok(Announced(AnnouncedTable {
            enforcement: None,
            from: None,
            version: Value::Text(text.to_owned()),
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Announced, A::Error> {
        let table = AnnouncedTable::deserialize(MapAccessDeserializer::new(map));
        let error = |error| A::Error::custom(format_args!("announced_minimum: {error}"));
        table.map(Announced).map_err(error)
    }
}

/// A text, or another value in its place by mistake.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(f64),
    Bool(bool),
    /// A date of TOML, under the name that the `toml` crate uses.
    Date {
        #[serde(rename = "$__toml_private_datetime")]
        date: String,
    },
    Other(IgnoredAny),
}

impl Value {
    /// The text of this field.
    fn text(&self, field: &str, expected: &str) -> Result<&str, String> {
        let value: &dyn Display = match self {
            Self::Text(text) => return Ok(text),
            Self::Number(number) => number,
            Self::Bool(bool) => bool,
            Self::Date { date } => date,
            Self::Other(_) => &"value",
        };
        Err(format!(
            "invalid {field} {value}: expected {expected} in quotes"
        ))
    }

    fn version<V: Version<Err: Display>>(&self, field: &str) -> Result<V, String> {
        let text = self.text(field, "a version")?;
        let error = |error| format!("invalid {field} {text:?}: {error}");
        text.parse().map_err(|it: V::Err| error(it.to_string()))
    }

    fn on_unknown(&self, field: &str) -> Result<OnUnknown, String> {
        match self.text(field, "allow or reject")? {
            "allow" => Ok(OnUnknown::Allow),
            "reject" => Ok(OnUnknown::Reject),
            text => Err(invalid(field, text, "\"allow\" or \"reject\"")),
        }
    }

    fn time(&self, field: &str) -> Result<SystemTime, String> {
        let text = match self {
            Self::Date { date } => date,
            _ => self.text(field, "a date and time")?,
        };
        let expected = "a date and time, as in \"2027-03-01T00:00:00Z\"";
        time(text).ok_or_else(|| invalid(field, text, expected))
    }
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
        if let Some(malformed) = self.malformed {
            policy = policy.with_malformed(malformed.on_unknown("malformed")?);
        }
        if let Some(missing) = self.missing {
            policy = policy.with_missing(missing.on_unknown("missing")?);
        }
        if let Some(unknown) = self.unknown_platform {
            policy = policy.with_unknown_platform(unknown.on_unknown("unknown_platform")?);
        }
        if let Some(product) = self.product {
            policy = policy.with_product(product.text("product", "a token")?);
        }
        if let Some(server) = self.server_version {
            policy = policy.with_server_version(server.version("server_version")?);
        }
        if let Some(key) = self.rollout_key {
            let expected = "\"header:NAME\"";
            let key = key.text("rollout_key", expected)?;
            let name = key.strip_prefix("header:");
            let name = name.and_then(|name| name.parse::<HeaderName>().ok());
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
        let blocked = blocked.map(|blocked| blocked.version("blocked"));
        let mut rule = VersionRule::new(self.minimum.version("minimum")?)
            .with_blocked(blocked.collect::<Result<Vec<_>, _>>()?);
        if let Some(Announced(announced)) = self.announced_minimum {
            rule = rule.with_announced_minimum(announced.version.version("announced_minimum")?);
            if let Some(from) = announced.from {
                rule = rule.with_announced_from(from.time("from of the announced_minimum")?);
            }
            if let Some(enforcement) = announced.enforcement {
                rule = rule.with_announced_enforcement(enforcement);
            }
        }
        if let Some(recommended) = self.recommended {
            rule = rule.with_recommended(recommended.version("recommended")?);
        }
        if let Some(maximum) = self.maximum {
            rule = rule.with_maximum(maximum.version("maximum")?);
        }
        if let Some(url) = self.update_url {
            rule = rule.with_update_url(url.text("update_url", "an absolute URL")?);
        }
        Ok(rule)
    }
}

/// A time by [RFC 3339, section 5.6](https://www.rfc-editor.org/rfc/rfc3339#section-5.6): in UTC, or with the offset of
/// local time.
fn time(text: &str) -> Option<SystemTime> {
    let utc = |text: &str| humantime::parse_rfc3339(text).ok();
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let [sign @ (b'+' | b'-'), hours @ .., b':', _, _] = offset.as_bytes() else {
        return utc(text);
    };
    let number = |digits: &[u8]| match *digits {
        [tens @ b'0'..=b'5', ones @ b'0'..=b'9'] => {
            Some(u64::from((tens - b'0') * 10 + ones - b'0'))
        }
        _ => None,
    };
    let (hours, minutes) = (number(hours)?, number(offset.as_bytes().get(4..)?)?);
    let offset = Duration::from_secs(hours * 3600 + minutes * 60);
    let local = (!local.ends_with('Z')).then(|| utc(&format!("{local}Z")))??;
    match sign {
        b'+' if hours < 24 => local.checked_sub(offset),
        b'-' if hours < 24 => local.checked_add(offset),
        _ => None,
    }
}

fn invalid(field: &str, value: impl Debug, expected: &str) -> String {
    format!("invalid {field} {value:?}: expected {expected}")
}

/// Reads a version from a text.
macro_rules! deserialize {
    ($($version:ty),*) => {$(
        /// Reads a version from a text.
        impl<'de> Deserialize<'de> for $version {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

deserialize!(AppVersion, SemVer, Staged);

#[cfg(test)]
mod tests;
