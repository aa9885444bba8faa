//! Rate limits in a configuration file.

use std::fmt::Debug;
use std::sync::Arc;

use http::Method;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::Enforcement;
use crate::rate_limit::headers::HeaderStyle;
use crate::rate_limit::key::{BearerToken, GlobalKey, HeaderKey, QueryKey, Route};
use crate::rate_limit::{ApiKey, ChargeOn, ClientAddress, KeyExtractor, Limit, Limits, Quota};

/// Reads limits from TOML, YAML or any other format that serde has.
///
/// ```
/// use tower_edge::rate_limit::{Limits, RateLimitLayer};
///
/// let limits: Limits = toml::from_str(r#"
///     header_style = "ietf"                       # or "x_rate_limit", the default, or "none"
///     trusted_proxies = ["10.0.0.0/8", "fd00::1"] # whose X-Forwarded-For `client_address` believes
///
///     [[limits]]
///     quota = "second=20/1s"
///     key = ["api_key", "client_address"]         # the first that the request has
///
///     [[limits]]
///     quota = "login=5/1m;sliding"
///     key = "client_address"
///     methods = ["POST"]
///     paths = ["/login"]
///     charge_on = "failures"                      # or "successes", or "always", the default
///     enforcement = 10                            # percent of all keys, or "dry_run", or "enforce", the default
///     scope = "user"
/// "#)?;
/// let layer = RateLimitLayer::new(limits);
/// # let _ = layer;
/// # Ok::<(), toml::de::Error>(())
/// ```
///
/// Only `limits`, with a `quota` and a `key` each, has to be there. A key is `api_key`, `bearer_token`,
/// `client_address`, `global`, `route`, `header:NAME` or `query:NAME`. A field that is not known is an error, and so
/// are two quotas of one name.
impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = LimitsTable::deserialize(deserializer)?;
        table.limits().map_err(D::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsTable {
    header_style: Option<String>,
    limits: Vec<LimitTable>,
    trusted_proxies: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitTable {
    charge_on: Option<String>,
    enforcement: Option<Enforcement>,
    key: Keys,
    methods: Option<Vec<String>>,
    paths: Option<Vec<String>>,
    quota: Quota,
    scope: Option<String>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = r#"invalid key: expected a name such as "api_key", or a list of names"#
)]
enum Keys {
    First(Vec<String>),
    One(String),
}

type AnyKey = Arc<dyn KeyExtractor + Send + Sync>;

impl LimitsTable {
    fn limits(self) -> Result<Limits, String> {
        let mut address = ClientAddress::new();
        if let Some(proxies) = self.trusted_proxies {
            let read = |text: &str| text.parse().ok();
            let expected = "networks such as \"10.0.0.0/8\", or addresses";
            address =
                address.with_trusted_proxies(list("trusted_proxies", proxies, read, expected)?);
        }
        let limits = self.limits.into_iter().map(|limit| {
            let name = limit.quota.name();
            let limit = limit.limit(&address);
            limit.map_err(|error| format!("limit {name:?}: {error}"))
        });
        let limits = Limits::new(limits.collect::<Result<Vec<_>, _>>()?);
        let limits = limits.map_err(|error| error.to_string())?;
        Ok(
            limits.with_header_style(match self.header_style.as_deref() {
                None | Some("x_rate_limit") => HeaderStyle::X_RATE_LIMIT,
                Some("ietf") => HeaderStyle::IETF,
                Some("none") => HeaderStyle::NONE,
                Some(other) => {
                    return Err(invalid(
                        "header_style",
                        other,
                        r#""ietf", "x_rate_limit" or "none""#,
                    ));
                }
            }),
        )
    }
}

impl LimitTable {
    fn limit(self, address: &ClientAddress) -> Result<Limit, String> {
        let keys = match self.key {
            Keys::First(names) => names,
            Keys::One(name) => vec![name],
        };
        let keys = list("key", keys, |name| key(name, address), KEYS)?.into_iter();
        let either = |first: AnyKey, second| -> AnyKey { Arc::new(first.or(second)) };
        let key = keys.reduce(either).unwrap_or_else(|| Arc::new(GlobalKey));
        let mut limit = Limit::new(self.quota, key)
            .with_charge_on(charge_on(self.charge_on.as_deref())?)
            .with_enforcement(self.enforcement.unwrap_or_default());
        if let Some(methods) = self.methods {
            limit = limit.with_methods(list(
                "methods",
                methods,
                method,
                "methods such as \"GET\" or \"POST\"",
            )?);
        }
        if let Some(paths) = self.paths {
            let paths = list(
                "paths",
                paths,
                |path| Some(path.to_owned()),
                "paths such as \"/media/{id}\"",
            )?;
            limit = limit.with_paths(paths).map_err(|error| error.to_string())?;
        }
        Ok(match self.scope {
            Some(scope) => limit.with_scope(&scope),
            None => limit,
        })
    }
}

fn charge_on(text: Option<&str>) -> Result<ChargeOn, String> {
    match text {
        None | Some("always") => Ok(ChargeOn::Always),
        Some("failures") => Ok(ChargeOn::Failures),
        Some("successes") => Ok(ChargeOn::Successes),
        Some(other) => Err(invalid(
            "charge_on",
            other,
            r#""always", "failures" or "successes""#,
        )),
    }
}

fn key(name: &str, address: &ClientAddress) -> Option<AnyKey> {
    Some(match (name, name.split_once(':')) {
        ("api_key", _) => Arc::new(ApiKey),
        ("bearer_token", _) => Arc::new(BearerToken),
        ("client_address", _) => Arc::new(address.clone()),
        ("global", _) => Arc::new(GlobalKey),
        ("route", _) => Arc::new(Route),
        (_, Some(("header", name))) => Arc::new(HeaderKey::new(name.parse().ok()?)),
        (_, Some(("query", name))) if !name.is_empty() => Arc::new(QueryKey::new(name.to_owned())),
        _ => return None,
    })
}

const KEYS: &str = r#""api_key", "bearer_token", "client_address", "global", "route", "header:NAME" or "query:NAME""#;

/// Methods are in capitals, and compared as they are written.
fn method(text: &str) -> Option<Method> {
    let method = text.parse().ok();
    method.filter(|_| !text.bytes().any(|byte| byte.is_ascii_lowercase()))
}

/// What each text stands for, of which there has to be one.
fn list<T>(
    field: &str,
    texts: Vec<String>,
    read: impl Fn(&str) -> Option<T>,
    expected: &str,
) -> Result<Vec<T>, String> {
    if texts.is_empty() {
        return Err(invalid(field, [(); 0], expected));
    }
    let each = texts
        .into_iter()
        .map(|text| read(&text).ok_or_else(|| invalid(field, text, expected)));
    each.collect()
}

fn invalid(field: &str, value: impl Debug, expected: &str) -> String {
    format!("invalid {field} {value:?}: expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: &str = "[[limits]]\nquota = \"5/1m\"\nkey = \"global\"\n";

    fn error(text: &str) -> String {
        toml::from_str::<Limits>(text).unwrap_err().to_string()
    }

    #[test]
    fn each_key_has_a_name() {
        for key in [
            "api_key",
            "bearer_token",
            "client_address",
            "global",
            "route",
            "header:x-tenant",
            "query:tenant",
        ] {
            let text = LIMIT.replace("global", key);
            assert!(toml::from_str::<Limits>(&text).is_ok(), "{key}");
        }
    }

    #[test]
    fn what_is_not_valid_is_named_with_what_is() {
        for (line, expected) in [
            (
                "charge_on = \"errors\"",
                r#"invalid charge_on "errors": expected "always", "failures" or "successes""#,
            ),
            (
                "enforcement = \"shadow\"",
                r#"invalid enforcement "shadow": expected "enforce", "dry_run" or a percentage"#,
            ),
            ("enforcement = 101", "invalid enforcement 101: expected"),
            ("enforcement = true", "invalid enforcement: expected"),
            (
                "methods = [\"post\"]",
                r#"invalid methods "post": expected methods such as "GET""#,
            ),
            ("methods = []", "invalid methods []: expected"),
            ("paths = [\"login\"]", "\"login\""),
            (
                "limit = 5",
                "unknown field `limit`, expected one of `charge_on`, `enforcement`, `key`",
            ),
        ] {
            let error = error(&format!("{LIMIT}{line}"));
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn what_all_limits_share_is_checked_too() {
        for (text, expected) in [
            (
                format!("header_style = \"draft\"\n{LIMIT}"),
                r#"invalid header_style "draft": expected "ietf", "x_rate"#,
            ),
            (
                format!("trusted_proxies = [\"proxy\"]\n{LIMIT}"),
                r#"invalid trusted_proxies "proxy": expected networks"#,
            ),
            (
                LIMIT.replace("global", "ip"),
                r#"limit "minute": invalid key "ip": expected "api_key", "bearer_token""#,
            ),
            (
                LIMIT.replace("\"global\"", "7"),
                "invalid key: expected a name",
            ),
            (
                LIMIT.replace("5/1m", "5"),
                r#"invalid quota "5": expected [NAME=]COUNT/PERIOD"#,
            ),
            (
                format!("{LIMIT}{LIMIT}"),
                r#"duplicate quota name "minute""#,
            ),
            (String::new(), "missing field `limits`"),
        ] {
            let error = error(&text);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn each_field_sets_what_it_names() {
        let limits: Limits = toml::from_str(
            "[[limits]]\nquota = \"login=5/1m;sliding\"\nkey = [\"api_key\", \"client_address\"]\n\
             charge_on = \"failures\"\nenforcement = \"dry_run\"\nscope = \"user\"\n",
        )
        .unwrap();

        let debug = format!("{limits:?}");
        for part in ["Failures", "DryRun", "login=5/1m;sliding", "user"] {
            assert!(debug.contains(part), "{part} in {debug}");
        }
    }
}
