//! When a client should send a refused request again, according to the response.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, StatusCode};
use tower_edge_core::google_rpc::{Pushback, retry_delay};
use tower_edge_core::http_ext::{delta_seconds, retry_after, retry_after_seconds, split_unquoted};

/// The server's instructions for the next attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::client) struct Announced {
    /// The server forbids another attempt.
    pub(in crate::client) is_final: bool,
    /// The time between two requests under the exhausted quota, if it is known.
    pub(in crate::client) interval: Option<Duration>,
    pub(in crate::client) wait: Option<Duration>,
}

impl Announced {
    pub(in crate::client) fn from_headers(headers: &HeaderMap, now: SystemTime) -> Self {
        Self {
            is_final: is_final(headers),
            interval: interval(headers, now).map(|interval| interval.min(MAX_WAIT)),
            // The reset of a quota may be much later than the time at which one request is allowed again.
            wait: wait(headers, now)
                .or_else(|| reset(headers, now))
                .map(|wait| wait.min(MAX_WAIT)),
        }
    }
}

/// Whether the server forbids another attempt.
pub(in crate::client) fn is_final(headers: &HeaderMap) -> bool {
    Pushback::from_headers(headers) == Some(Pushback::Never)
}

/// The longest wait that a response asks for.
pub(in crate::client) fn wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let pushed_back = match Pushback::from_headers(headers) {
        Some(Pushback::After(wait)) => Some(wait),
        _ => None,
    };
    let waits = [retry_after(headers, now), retry_delay(headers), pushed_back];
    waits.into_iter().flatten().reduce(longer)
}

/// The longer wait. If rounding up one wait to `Retry-After` gives the other, they are the same wait, and the precise
/// one counts.
pub(in crate::client) fn longer(wait: Duration, other: Duration) -> Duration {
    if retry_after_seconds(wait) == retry_after_seconds(other) {
        wait.min(other)
    } else {
        wait.max(other)
    }
}

/// The gRPC code of a response without a body that clients may retry
/// ([gRFC A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md)): RESOURCE_EXHAUSTED or UNAVAILABLE.
pub(in crate::client) fn retriable_grpc_code(headers: &HeaderMap) -> Option<StatusCode> {
    match headers.get(&GRPC_STATUS)?.as_bytes() {
        b"8" => Some(StatusCode::TOO_MANY_REQUESTS),
        b"14" => Some(StatusCode::SERVICE_UNAVAILABLE),
        _ => None,
    }
}

/// When an exhausted quota is full again. If there are several, the latest counts.
pub(in crate::client) fn reset(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let old = || {
        let remaining = ["x-ratelimit-remaining", "ratelimit-remaining"];
        let reset = number(headers, &["x-ratelimit-reset", "ratelimit-reset"])?;
        (number(headers, &remaining) == Some(0)).then_some(reset)
    };
    let reset = exhausted(headers).and_then(|(reset, _)| reset);
    let reset = reset.or_else(old)?;
    // A number this large is a time since the Unix epoch, as GitHub sends.
    let is_time = reset > 1_000_000_000;
    let seconds = Duration::from_secs(reset);
    if !is_time {
        return Some(seconds);
    }
    let since = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Some(seconds.saturating_sub(since))
}

/// The interval of the exhausted quota's policy: `"second";q=50;w=1` is 20 ms. If no policy has its name, it is the
/// shortest interval. If there are no policies, it is the mean time.
fn interval(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let policies = || {
        items(headers, &RATE_LIMIT_POLICY).filter_map(|item| {
            let count = parameter(item, "q").or_else(|| number_of(name(item)))?;
            let window = Duration::from_secs(parameter(item, "w")?);
            Some((name(item), window.checked_div(u32::try_from(count).ok()?)?))
        })
    };
    let exhausted = exhausted(headers).map(|(_, name)| name);
    let named = policies().find(|(name, _)| Some(*name) == exhausted);
    let shortest = || policies().min_by_key(|(_, interval)| *interval);
    named
        .or_else(shortest)
        .map(|(_, interval)| interval)
        .or_else(|| {
            let limit = number(headers, &["x-ratelimit-limit", "ratelimit-limit"])?;
            reset(headers, now)?.checked_div(u32::try_from(limit).ok()?)
        })
}

/// The reset and the name of the exhausted quota. If there are several, the one that is full last counts.
fn exhausted(headers: &HeaderMap) -> Option<(Option<u64>, &[u8])> {
    items(headers, &RATE_LIMIT)
        .filter(|item| parameter(item, "r").or_else(|| parameter(item, "remaining")) == Some(0))
        .map(|item| {
            let reset = parameter(item, "t").or_else(|| parameter(item, "reset"));
            (reset, name(item))
        })
        .max()
}

/// The members of a list. Draft 7 writes the limit, the remainder and the reset of one quota as three members: they are
/// one here.
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(name).into_iter().flat_map(|value| {
        let list = value.as_bytes();
        let is_one = list.trim_ascii_start().starts_with(b"limit=");
        split_unquoted(list, if is_one { b';' } else { b',' })
    })
}

fn name(item: &[u8]) -> &[u8] {
    let name = split_unquoted(item, b';').next();
    name.unwrap_or_default().trim_ascii()
}

/// If two parameters have the same key, the last counts ([RFC 9651, section
/// 4.2.3.2](https://www.rfc-editor.org/rfc/rfc9651#section-4.2.3.2)).
fn parameter(item: &[u8], name: &str) -> Option<u64> {
    let parameters = split_unquoted(item, b';').flat_map(|part| split_unquoted(part, b','));
    let values = parameters.filter_map(|part| {
        let value = part.trim_ascii_start().strip_prefix(name.as_bytes())?;
        value.strip_prefix(b"=")
    });
    number_of(values.last()?.trim_ascii_end())
}

/// An integer that is not negative, of at most 15 digits
/// ([RFC 9651, section 4.2.4](https://www.rfc-editor.org/rfc/rfc9651#section-4.2.4)).
fn number_of(text: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let is_integer = digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit);
    let number: i64 = str::from_utf8(text)
        .ok()
        .filter(|_| is_integer)?
        .parse()
        .ok()?;
    number.try_into().ok()
}

/// The number in the first of these fields that exists.
fn number(headers: &HeaderMap, names: &[&str]) -> Option<u64> {
    delta_seconds(names.iter().find_map(|name| headers.get(*name))?)
}

/// A longer wait is cut to this one, so that instants can be computed.
pub(in crate::client) const MAX_WAIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

static GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(fields: &[(&'static str, &'static str)]) -> Announced {
        let fields = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        Announced::from_headers(&fields.collect(), now)
    }

    #[test]
    fn the_longest_and_most_precise_wait_counts_and_resets_count_without_any() {
        for (fields, milliseconds) in [
            (&[("retry-after", "2")][..], Some(2000)),
            (
                &[("retry-after", "Tue, 14 Nov 2023 22:13:23 GMT")],
                Some(3000),
            ),
            (&[("retry-after", "soon")], None),
            (&[("grpc-retry-pushback-ms", "700")], Some(700)),
            (
                &[("retry-after", "1"), ("grpc-retry-pushback-ms", "700")],
                Some(700),
            ),
            (
                &[("retry-after", "1"), ("grpc-retry-pushback-ms", "1700")],
                Some(1700),
            ),
            (
                &[("ratelimit", "\"a\";r=0;t=4, \"b\";r=0;t=7, \"c\";r=1;t=9")],
                Some(7000),
            ),
            (&[("ratelimit", "\"a\";r=3;t=4")], None),
            (
                &[("ratelimit", "limit=9, remaining=0, reset=5")],
                Some(5000),
            ),
            (&[("ratelimit", "limit=9, remaining=2, reset=5")], None),
            (
                &[("ratelimit-remaining", "0"), ("ratelimit-reset", "6")],
                Some(6000),
            ),
            (
                &[
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "1700000008"),
                ],
                Some(8000),
            ),
            (
                &[
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "1600000000"),
                ],
                Some(0),
            ),
            (
                &[
                    ("x-ratelimit-remaining", "1"),
                    ("x-ratelimit-reset", "1700000008"),
                ],
                None,
            ),
            (&[("x-ratelimit-reset", "1700000008")], None),
            // When one request is allowed again, and when the whole quota is back.
            (
                &[("retry-after", "1"), ("ratelimit", "\"a\";r=0;t=3600")],
                Some(1000),
            ),
            (&[], None),
        ] {
            let wait = announced(fields).wait;

            assert_eq!(wait, milliseconds.map(Duration::from_millis), "{fields:?}");
        }
    }

    // gRFC A6, pushback: a negative or invalid value forbids a retry.
    #[test]
    fn a_pushback_that_is_no_time_is_final() {
        for (value, is_final) in [
            ("0", false),
            ("-1", true),
            ("x", true),
            ("99999999999", true),
        ] {
            assert_eq!(
                announced(&[("grpc-retry-pushback-ms", value)]).is_final,
                is_final
            );
        }
    }

    #[test]
    fn an_interval_is_that_of_the_exhausted_policy() {
        let both = "\"day\";q=1000;w=86400, \"second\";q=50;w=1";
        for (fields, milliseconds) in [
            (&[("ratelimit-policy", "\"a\";q=50;w=1")][..], Some(20)),
            (&[("ratelimit-policy", "50;w=1, 1000;w=60")], Some(20)),
            (&[("ratelimit-policy", both)], Some(20)),
            (
                &[
                    ("ratelimit-policy", both),
                    ("ratelimit", "\"day\";r=0;t=86"),
                ],
                Some(86_400),
            ),
            (
                &[
                    ("ratelimit-policy", both),
                    ("ratelimit", "\"day\";r=7;t=86, \"second\";r=0;t=1"),
                ],
                Some(20),
            ),
            (
                &[
                    ("x-ratelimit-limit", "50"),
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "2"),
                ],
                Some(40),
            ),
            (
                &[
                    ("x-ratelimit-limit", "50"),
                    ("x-ratelimit-remaining", "1"),
                    ("x-ratelimit-reset", "2"),
                ],
                None,
            ),
            (&[("retry-after", "30")], None),
        ] {
            let interval = announced(fields).interval;

            assert_eq!(
                interval,
                milliseconds.map(Duration::from_millis),
                "{fields:?}"
            );
        }
    }

    // RFC 8941, section 3.3.3: a string may have any printable character.
    #[test]
    fn a_quoted_name_is_not_split() {
        let wait = announced(&[("ratelimit", "\"a;r=0;t=9, b\";r=5;t=1")]).wait;

        assert_eq!(wait, None);
    }

    // The vectors of github.com/httpwg/structured-field-tests: number.json, param-list.json and string.json. A list with
    // a member that is not valid fails in RFC 9651, section 4.2. Here the other members still count, since a client that
    // waits does no harm.
    #[test]
    fn numbers_and_strings_are_read_as_structured_fields() {
        for (value, seconds) in [
            ("42", Some(42)),
            ("0", Some(0)),
            ("-0", Some(0)),
            ("042", Some(42)),
            ("00", Some(0)),
            ("42 ", Some(42)),
            ("1;t=2;x=1;t=3", Some(3)),
            ("1;t=x", None),
            ("1;t", Some(1)),
            ("123456", Some(123_456)),
            ("1234567890123456", None),
            ("+5", None),
            ("--0", None),
            ("-42", None),
            ("-042", None),
            ("-a23", None),
            ("4-2", None),
            ("- 42", None),
            (" 42", None),
            ("1.23", None),
            ("1.", None),
            ("1. 23", None),
            ("1 .23", None),
            ("1..4", None),
            ("", None),
        ] {
            for name in [
                "\"a\"",
                "\"\"",
                "\"foo \\\"bar\\\" \\\\ baz\"",
                "\", ;t=7\"",
                "a",
                "*",
            ] {
                let field = format!("{name};r=0;t={value}");
                let headers = [(RATE_LIMIT.clone(), field.parse().unwrap())];

                let wait = reset(&HeaderMap::from_iter(headers), SystemTime::UNIX_EPOCH);

                assert_eq!(wait, seconds.map(Duration::from_secs), "{field}");
            }
        }
    }

    #[test]
    fn fields_without_numbers_announce_nothing() {
        for value in [
            "",
            ";;;",
            "q=0;w=0",
            "\"a\";q=0;w=1",
            "\"a\";q=-1;w=x",
            "\"a\";r=;t=",
            ",,,=,;=,",
        ] {
            let announced = announced(&[("ratelimit-policy", value), ("ratelimit", value)]);

            assert_eq!(announced, Announced::default(), "{value}");
        }
    }
}
