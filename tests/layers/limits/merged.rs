//! Limits and upstreams that speak one after the other.

use std::convert::Infallible;

use http::{Request, Response};
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::rate_limit::headers::{HeaderStyle, IetfDraft, XRateLimit};
use tower_edge::rate_limit::{ApiKey, Limit, Limits};
use tower_edge::{Edge, Kind, Problem};

use crate::limits::harness::{field, layer, per_minute, request, response_with, send};

fn one(count: u32) -> crate::limits::harness::Limit {
    let fields = HeaderStyle::IETF.with_x_rate_limit(XRateLimit::Unix);
    layer(Limits::from(Limit::new(per_minute("outer", count), ApiKey)).with_header_style(fields))
}

fn inner_response(status: u16, fields: &[(&str, &str)]) -> Response<()> {
    let mut response = Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    response.body(()).unwrap()
}

#[test]
fn lists_go_on_with_what_was_written_further_in() {
    let inner = inner_response(
        200,
        &[
            ("ratelimit", "\"inner\";r=3;t=9"),
            ("ratelimit-policy", "\"inner\";q=5;w=10"),
        ],
    );

    let response = response_with(&one(10), request("a"), &inner);

    assert_eq!(
        field(&response, "ratelimit"),
        "\"inner\";r=3;t=9, \"outer\";r=9;t=6"
    );
    assert_eq!(
        field(&response, "ratelimit-policy"),
        "\"inner\";q=5;w=10, \"outer\";q=10;w=60"
    );
}

#[test]
fn what_was_written_further_in_is_not_made_more_permissive() {
    let fields = |remaining| {
        [
            ("x-ratelimit-limit", "7"),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", "1"),
        ]
    };

    let stricter = response_with(&one(10), request("a"), &inner_response(200, &fields("3")));
    let milder = response_with(&one(10), request("a"), &inner_response(200, &fields("30")));
    let refused = response_with(&one(10), request("a"), &inner_response(429, &fields("9")));

    for (response, limit, remaining) in [
        (stricter, "7", "3"),
        (milder, "10", "9"),
        (refused, "7", "9"),
    ] {
        assert_eq!(field(&response, "x-ratelimit-limit"), limit);
        assert_eq!(field(&response, "x-ratelimit-remaining"), remaining);
    }
}

#[test]
fn what_leaves_no_more_or_cannot_be_compared_stands() {
    for (remaining, reset) in [("9", "1999999999"), ("plenty", "never")] {
        let inner = inner_response(
            200,
            &[
                ("x-ratelimit-remaining", remaining),
                ("x-ratelimit-reset", reset),
            ],
        );

        let response = response_with(&one(10), request("a"), &inner);

        assert_eq!(field(&response, "x-ratelimit-remaining"), remaining);
        assert_eq!(field(&response, "x-ratelimit-reset"), reset);
    }
}

#[test]
fn the_stricter_of_two_dictionaries_is_sent() {
    let seven = HeaderStyle::NONE.with_ietf(IetfDraft::Draft07);
    for (draft, inner, expected) in [
        (
            seven,
            "limit=99, remaining=50, reset=1",
            "limit=10, remaining=9, reset=6",
        ),
        (
            seven,
            "limit=99, remaining=5, reset=1",
            "limit=99, remaining=5, reset=1",
        ),
        (
            HeaderStyle::IETF,
            "limit=99, remaining=50, reset=1",
            "\"outer\";r=9;t=6",
        ),
        (
            HeaderStyle::IETF,
            "limit=99, remaining=5, reset=1",
            "limit=99, remaining=5, reset=1",
        ),
    ] {
        let limits =
            Limits::from(Limit::new(per_minute("outer", 10), ApiKey)).with_header_style(draft);

        let response = response_with(
            &layer(limits),
            request("a"),
            &inner_response(200, &[("ratelimit", inner)]),
        );

        assert_eq!(field(&response, "ratelimit"), expected);
    }
}

#[test]
fn the_stricter_of_two_remainders_is_sent_by_draft_6() {
    let fields = HeaderStyle::NONE.with_ietf(IetfDraft::Draft06);
    for (inner, expected) in [("50", ["10", "9"]), ("5", ["99", "5"])] {
        let inner = [("ratelimit-limit", "99"), ("ratelimit-remaining", inner)];
        let limits =
            Limits::from(Limit::new(per_minute("outer", 10), ApiKey)).with_header_style(fields);

        let response = response_with(&layer(limits), request("a"), &inner_response(200, &inner));

        let names = ["ratelimit-limit", "ratelimit-remaining"];
        assert_eq!(names.map(|name| field(&response, name)), expected);
        assert_eq!(field(&response, "ratelimit-policy"), "10;w=60");
    }
}

#[test]
fn of_two_waits_the_longer_one_is_sent() {
    // After this one the outer limit lets nobody in for a minute.
    for (expected, longest) in [
        ("5", "60"),
        ("90", "90"),
        ("99999999999999999999", "99999999999999999999"),
        (
            "Fri, 14 Jan 2022 23:59:59 GMT",
            "Fri, 14 Jan 2022 23:59:59 GMT",
        ),
    ] {
        let response = response_with(
            &one(1),
            request("a"),
            &inner_response(503, &[("retry-after", expected)]),
        );

        assert_eq!(field(&response, "retry-after"), longest);
    }
    // With some left, a client may come back at once.
    let response = response_with(
        &one(2),
        request("a"),
        &inner_response(503, &[("retry-after", "5")]),
    );
    assert_eq!(field(&response, "retry-after"), "5");
    // A response without a `Retry-After` gets none.
    let response = response_with(&one(1), request("a"), &inner_response(404, &[]));
    assert_eq!(field(&response, "retry-after"), "");
}

#[test]
fn a_problem_agrees_with_the_longer_wait() {
    let problem =
        Problem::new(Kind::Unavailable).with_retry_after(std::time::Duration::from_secs(5));

    let response = response_with(&one(1), request("a"), &problem.into_empty_response());

    let problem = response.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.retry_after(), Some(crate::limits::harness::MINUTE));
    assert_eq!(field(&response, "retry-after"), "60");
}

#[test]
fn the_longer_of_two_waits_counts_in_an_edge_as_in_two_layers() {
    for (outer, inner, wait) in [(1, 10, "60"), (10, 1, "60"), (4, 10, "6")] {
        let (outer, inner) = (one(outer), one(inner));
        let handler = || service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
        let edge = Edge::new().layer(outer.clone()).layer(inner.clone());
        for _ in 0..10 {
            send(&inner, request("a"));
            send(&inner, request("b"));
        }

        let layers = outer.layer(inner.layer(handler()));
        let layers = block_on(layers.oneshot(request("a"))).unwrap();
        let edge = block_on(Layer::layer(&edge, handler()).oneshot(request("b"))).unwrap();

        let problem = |response: &Response<()>| {
            let problem = response.extensions().get::<Problem>();
            let text = format!("{problem:?}");
            // Each request has a client of its own.
            let (before, key) = text.split_once("key: Some(").unwrap();
            format!("{before}{}", key.split_once(')').unwrap().1)
        };
        assert_eq!(
            (edge.status().as_u16(), &*field(&edge, "retry-after")),
            (429, wait)
        );
        assert_eq!(edge.headers(), layers.headers());
        assert_eq!(problem(&edge), problem(&layers));
    }
}
