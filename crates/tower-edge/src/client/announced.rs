//! What a response says of when to send the request again.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, StatusCode};
use tower_edge_core::google_rpc::{Pushback, retry_delay};
use tower_edge_core::http_ext::{delta_seconds, retry_after, retry_after_seconds};

/// What a refusal says of the next attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::client) struct Announced {
    /// The server forbids another attempt.
    pub(in crate::client) is_final: bool,
    /// The time between two requests by the server's quota, as far as it is known.
    pub(in crate::client) interval: Option<Duration>,
    /// The shortest that the interval may be.
    pub(in crate::client) shortest: Option<Duration>,
    pub(in crate::client) wait: Option<Duration>,
}

impl Announced {
    pub(in crate::client) fn from_headers(headers: &HeaderMap, now: SystemTime) -> Self {
        let reset = || reset(headers, now);
        let policy = interval(headers);
        let guess = || {
            let limit = number(headers, &["x-ratelimit-limit", "ratelimit-limit"])?;
            reset()?.checked_div(u32::try_from(limit).ok()?)
        };
        let interval = policy.or_else(guess).map(|interval| interval.min(MAX_WAIT));
        Self {
            is_final: is_final(headers),
            interval,
            // The time of a reset is in whole seconds.
            shortest: if policy.is_some() {
                interval
            } else {
                interval.map(|interval| interval / 2)
            },
            // The reset of a quota may be much later than the time at which one request is allowed again.
            wait: wait(headers, now)
                .or_else(reset)
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

/// The longer wait. One that `Retry-After` would round up to the other is the same wait, and more precise.
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

/// When an exhausted quota is back: the latest, if there are several.
pub(in crate::client) fn reset(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let items = items(headers, &RATE_LIMIT);
    let exhausted = items
        .filter(|item| parameter(item, "r").or_else(|| parameter(item, "remaining")) == Some(0));
    let resets =
        exhausted.filter_map(|item| parameter(item, "t").or_else(|| parameter(item, "reset")));
    let old = || {
        let remaining = ["x-ratelimit-remaining", "ratelimit-remaining"];
        let reset = number(headers, &["x-ratelimit-reset", "ratelimit-reset"])?;
        (number(headers, &remaining) == Some(0)).then_some(reset)
    };
    let reset = resets.max().or_else(old)?;
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

/// The longest interval of all policies: `"second";q=50;w=1` is 20 ms.
fn interval(headers: &HeaderMap) -> Option<Duration> {
    let intervals = items(headers, &RATE_LIMIT_POLICY).filter_map(|item| {
        let count = parameter(item, "q").or_else(|| number_of(item.split(';').next()?))?;
        let window = Duration::from_secs(parameter(item, "w")?);
        window.checked_div(u32::try_from(count).ok()?)
    });
    intervals.max()
}

/// The members of a list. Draft 7 has the limit, the rest and the reset of one quota as three: they are one here.
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| {
        let is_one = text.trim_start().starts_with("limit=");
        text.split(move |c| c == ',' && !is_one)
    })
}

fn parameter(item: &str, name: &str) -> Option<u64> {
    item.split([';', ',']).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name).then(|| number_of(value)).flatten()
    })
}

fn number_of(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// The number in the first of these fields that there is.
fn number(headers: &HeaderMap, names: &[&str]) -> Option<u64> {
    delta_seconds(names.iter().find_map(|name| headers.get(*name))?)
}

/// A longer wait is cut to this one, so that instants can be computed.
const MAX_WAIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

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
    fn an_interval_is_that_of_the_policy_or_a_guess() {
        for (fields, interval, shortest) in [
            (&[("ratelimit-policy", "\"a\";q=50;w=1")][..], 20, 20),
            (&[("ratelimit-policy", "50;w=1, 1000;w=60")], 60, 60),
            (
                &[
                    ("x-ratelimit-limit", "50"),
                    ("x-ratelimit-remaining", "0"),
                    ("x-ratelimit-reset", "2"),
                ],
                40,
                20,
            ),
        ] {
            let announced = announced(fields);

            let expected = [interval, shortest].map(|it| Some(Duration::from_millis(it)));
            assert_eq!(
                [announced.interval, announced.shortest],
                expected,
                "{fields:?}"
            );
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
