//! The dialects of header fields, each as its document has it, and read by a parser of others.

use std::convert::Infallible;
use std::time::Duration;

use http::{Request, Response};
use sfv::{BareItem, Item, List, ListEntry, Parser};
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::rate_limit::headers::{HeaderStyle, IetfDraft, XRateLimit};
use tower_edge::rate_limit::memory::Clock;
use tower_edge::rate_limit::{ApiKey, Calendar, Limit, Limits, MemoryStore, Quota, RateLimitLayer};
use tower_edge::{Enforcement, Problem};

use crate::limits::harness::{facts, field, layer, per_minute, request, response_with, send};

fn two(fields: HeaderStyle) -> crate::limits::harness::Limit {
    let limits = [("many", 100), ("few", 2)]
        .map(|(name, count)| Limit::new(per_minute(name, count), ApiKey));
    layer(Limits::new(limits).unwrap().with_header_style(fields))
}

/// Of each item of a structured field: its text, and its parameters.
fn items(field: &str) -> Vec<(String, Vec<(String, i64)>)> {
    let list: List = Parser::new(field).parse().unwrap();
    let item = |entry: ListEntry| match entry {
        ListEntry::Item(Item {
            bare_item: BareItem::String(text),
            params,
        }) => {
            let parameters = params.into_iter().map(|(name, value)| {
                let number = value.as_integer().unwrap();
                (name.as_str().to_owned(), i64::from(number))
            });
            (text.as_str().to_owned(), parameters.collect())
        }
        other => panic!("{other:?}"),
    };
    list.into_iter().map(item).collect()
}

fn item(text: &str, parameters: [(&str, i64); 2]) -> (String, Vec<(String, i64)>) {
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value));
    (text.to_owned(), parameters.to_vec())
}

// draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4: lists of strings with integers.
#[test]
fn draft_11_describes_all_quotas_in_structured_fields() {
    let limit = two(HeaderStyle::NONE.with_ietf(IetfDraft::Draft11));

    let first = send(&limit, request("a"));
    assert_eq!(
        items(&field(&first, "ratelimit-policy")),
        [
            item("many", [("q", 100), ("w", 60)]),
            item("few", [("q", 2), ("w", 60)])
        ]
    );
    assert_eq!(
        items(&field(&first, "ratelimit")),
        [
            item("many", [("r", 99), ("t", 1)]),
            item("few", [("r", 1), ("t", 30)])
        ]
    );

    send(&limit, request("a"));
    let refused = send(&limit, request("a"));
    assert_eq!(refused.status(), 429);
    assert_eq!(
        items(&field(&refused, "ratelimit")),
        [
            item("many", [("r", 98), ("t", 2)]),
            item("few", [("r", 0), ("t", 30)])
        ]
    );
    assert_eq!(field(&refused, "retry-after"), "30");
}

#[test]
fn draft_11_may_describe_the_most_restrictive_quota_alone() {
    let limit = two(HeaderStyle::IETF.with_single_quota());

    let response = send(&limit, request("a"));

    assert_eq!(
        items(&field(&response, "ratelimit")),
        [item("few", [("r", 1), ("t", 30)])]
    );
    assert_eq!(items(&field(&response, "ratelimit-policy")).len(), 2);
}

// Names that a structured field quotes come out as they went in.
#[test]
fn every_printable_name_survives_a_parser() {
    let all: String = (b' '..=b'~')
        .map(char::from)
        .filter(|printable| !matches!(printable, '"' | '\\' | ';' | '='))
        .collect();
    for name in [&all[..60], &all[60..], "a, b", " "] {
        let limits = Limits::from(Limit::new(per_minute(name, 5), ApiKey))
            .with_header_style(HeaderStyle::IETF);

        let response = send(&layer(limits), request("a"));

        assert_eq!(items(&field(&response, "ratelimit"))[0].0, name);
        assert_eq!(items(&field(&response, "ratelimit-policy"))[0].0, name);
    }
}

#[test]
fn draft_7_is_one_dictionary() {
    let limit = two(HeaderStyle::NONE.with_ietf(IetfDraft::Draft07));

    let response = send(&limit, request("a"));

    assert_eq!(
        field(&response, "ratelimit"),
        "limit=2, remaining=1, reset=30"
    );
    assert_eq!(field(&response, "ratelimit-policy"), "100;w=60, 2;w=60");
}

#[test]
fn draft_6_has_a_field_for_each() {
    let limit = two(HeaderStyle::NONE.with_ietf(IetfDraft::Draft06));

    let response = send(&limit, request("a"));

    let fields = ["limit", "remaining", "reset", "policy"];
    let fields = fields.map(|name| field(&response, &format!("ratelimit-{name}")));
    assert_eq!(fields, ["2", "1", "30", "100;w=60, 2;w=60"]);
}

#[test]
fn x_rate_limit_resets_at_a_unix_time_or_in_seconds() {
    for (dialect, limit, reset) in [
        (XRateLimit::Unix, "2", "1642204830"),
        (XRateLimit::Delta, "2", "30"),
    ] {
        let layer = two(HeaderStyle::NONE.with_x_rate_limit(dialect));

        let response = send(&layer, request("a"));

        let fields = ["limit", "remaining", "reset"];
        let fields = fields.map(|name| field(&response, &format!("x-ratelimit-{name}")));
        assert_eq!(fields, [limit, "1", reset], "{dialect:?}");
    }
}

#[test]
fn both_families_may_be_sent_at_once() {
    let limit = two(HeaderStyle::IETF.with_x_rate_limit(XRateLimit::Unix));

    let response = send(&limit, request("a"));

    assert_eq!(field(&response, "x-ratelimit-remaining"), "1");
    assert_eq!(items(&field(&response, "ratelimit")).len(), 2);
}

#[test]
fn a_redirect_that_is_followed_has_none() {
    for (status, has_fields) in [
        (300, true),
        (301, false),
        (302, false),
        (303, false),
        (304, true),
        (307, false),
        (308, false),
        (204, true),
        (404, true),
        (503, true),
    ] {
        let limit = two(HeaderStyle::IETF.with_x_rate_limit(XRateLimit::Unix));
        let response = http::Response::builder().status(status).body(()).unwrap();

        let received = response_with(&limit, request("a"), &response);

        for name in ["ratelimit", "ratelimit-policy", "x-ratelimit-remaining"] {
            assert_eq!(
                received.headers().contains_key(name),
                has_fields,
                "{status} {name}"
            );
        }
    }
}

#[test]
fn a_retry_is_never_announced_earlier_than_the_window() {
    let jitter = std::time::Duration::from_secs(20);
    let limits = Limits::from(Limit::new(per_minute("one", 1), ApiKey))
        .with_header_style(HeaderStyle::IETF)
        .with_retry_jitter(jitter);
    let limit = layer(limits);
    send(&limit, request("a"));

    let mut waits: Vec<u32> = (0..50)
        .map(|_| {
            let refused = send(&limit, request("a"));
            assert_eq!(
                items(&field(&refused, "ratelimit")),
                [item("one", [("r", 0), ("t", 60)])]
            );
            field(&refused, "retry-after").parse().unwrap()
        })
        .collect();
    waits.sort_unstable();
    waits.dedup();

    assert!(waits.len() > 5, "{waits:?}");
    assert!(
        waits.iter().all(|wait| (60..=80).contains(wait)),
        "{waits:?}"
    );
}

// A window is in whole seconds: one in a millisecond is a thousand in a second, and not one.
#[test]
fn a_window_with_a_part_of_a_second_is_sent_as_the_seconds_that_it_is_within() {
    for (count, millis, value) in [
        (1, 1, "1000;w=1"),
        (20, 250, "80;w=1"),
        (10, 1500, "13;w=2"),
        (5, 1000, "5;w=1"),
    ] {
        let quota = Quota::new(count, Duration::from_millis(millis)).unwrap();
        for (draft, expected) in [
            (IetfDraft::Draft11, format!("\"short\";q={value}")),
            (IetfDraft::Draft07, value.to_owned()),
            (IetfDraft::Draft06, value.to_owned()),
        ] {
            let limits = Limits::from(Limit::new(quota.named("short"), ApiKey));
            let style = HeaderStyle::NONE.with_ietf(draft);

            let response = send(&layer(limits.with_header_style(style)), request("a"));

            assert_eq!(field(&response, "ratelimit-policy"), expected, "{draft:?}");
        }
    }
}

#[test]
fn all_exceeded_quotas_are_in_the_problem_and_the_longest_wait_in_the_fields() {
    let limits = [
        Limit::new(per_minute("minute", 1), ApiKey),
        Limit::new(Quota::per_hour(1), ApiKey),
        Limit::new(per_minute("plenty", 99), ApiKey),
        Limit::new(per_minute("tried", 1), ApiKey).with_enforcement(Enforcement::DryRun),
    ];
    let style = HeaderStyle::IETF.with_x_rate_limit(XRateLimit::Delta);
    let limit = layer(Limits::from(limits).with_header_style(style));
    send(&limit, request("a"));

    let rejected = send(&limit, request("a"));

    let facts = facts(&rejected);
    let exceeded: Vec<_> = facts.exceeded().collect();
    assert_eq!(exceeded, ["hour", "minute"]);
    assert_eq!(facts.window, Duration::from_secs(3600));
    assert_eq!(field(&rejected, "retry-after"), "3600");
    assert_eq!(field(&rejected, "x-ratelimit-reset"), "3600");
    assert_eq!(
        field(&rejected, "ratelimit"),
        "\"minute\";r=0;t=60, \"hour\";r=0;t=3600, \"plenty\";r=98;t=1"
    );
    let problem = rejected.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.retry_after(), Some(Duration::from_secs(3600)));
}

#[test]
fn a_clock_beyond_all_time_makes_fields_that_can_be_read() {
    let clocks: [fn() -> Duration; 4] = [
        || Duration::from_secs(253_402_300_800),
        || Duration::from_nanos(u64::MAX),
        || Duration::from_secs(u64::MAX),
        || Duration::MAX,
    ];
    for now in clocks {
        for quota in [
            Quota::per_minute(1),
            Quota::per_minute(1).sliding_window(),
            Quota::per_day(1).with_calendar(Calendar::DAY),
        ] {
            let quota = quota.named("p");
            let store = MemoryStore::new(8).with_clock(Far(now));
            let fields = HeaderStyle::IETF.with_x_rate_limit(XRateLimit::Unix);
            let limits = Limits::from(Limit::new(quota, ApiKey)).with_header_style(fields);
            let limit = RateLimitLayer::new(limits.with_unix_clock(now)).with_store(store);
            assert_eq!(response_far(&limit).status(), 200, "{quota:?}");

            let refused = response_far(&limit);

            assert_eq!(refused.status(), 429, "{quota:?}");
            let number = |name| field(&refused, name).parse::<u64>().unwrap();
            assert!(number("x-ratelimit-reset") >= now().as_secs(), "{quota:?}");
            let wait = number("retry-after");
            assert!((1..=86_400).contains(&wait), "{quota:?}");
            let wait = i64::try_from(wait).unwrap();
            assert_eq!(
                items(&field(&refused, "ratelimit")),
                [item("p", [("r", 0), ("t", wait)])]
            );
        }
    }
}

/// Shows both times far beyond the present.
#[derive(Clone, Debug)]
struct Far(fn() -> Duration);

impl Clock for Far {
    fn now(&self) -> Duration {
        (self.0)()
    }

    fn unix_now(&self) -> Duration {
        (self.0)()
    }
}

fn response_far(limit: &RateLimitLayer<MemoryStore<Far>>) -> Response<()> {
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    block_on(limit.layer(handler).oneshot(request("a"))).unwrap()
}
