//! Whom a limit is for, and at what cost.

use http::{Method, Request};
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::key::{RouteTemplate, key_fn};
use tower_edge::rate_limit::{ApiKey, Key, Limit, Limits, Quota};
use tower_edge::{Kind, Problem};

use crate::limits::harness::{facts, field, layer, per_minute, request, send};

fn everybody() -> impl tower_edge::rate_limit::KeyExtractor + Send + Sync {
    key_fn(|_| Some(Key::from("everybody")))
}

fn ask(method: Method, path: &str, fields: &[&'static str]) -> Request<()> {
    let mut request = Request::builder().method(method).uri(path);
    for name in fields {
        request = request.header(*name, "GET");
    }
    request.body(()).unwrap()
}

#[test]
fn each_tier_has_its_own_policy_and_account() {
    let of = |plan: &'static str| move |head: tower_edge::Head<'_>| head.uri.path() == plan;
    let limit = Limit::new(per_minute("free", 1), everybody())
        .with_tier(per_minute("paid", 3), of("/paid"))
        .with_tier(per_minute("never", 9), of("/paid"))
        .with_tier(per_minute("test", 2), of("/test"));
    let limits = Limits::new([limit])
        .unwrap()
        .with_header_style(HeaderStyle::IETF);
    let layer = layer(limits);

    for (path, name, count) in [
        ("/any", "free", 1),
        ("/paid", "paid", 3),
        ("/test", "test", 2),
    ] {
        for left in (0..count).rev() {
            let response = send(&layer, ask(Method::GET, path, &[]));

            assert_eq!(response.status(), 200, "{path}");
            let policy = field(&response, "ratelimit-policy");
            assert_eq!(policy, format!("\"{name}\";q={count};w=60"));
            let limit_field = field(&response, "ratelimit");
            assert!(
                limit_field.starts_with(&format!("\"{name}\";r={left};")),
                "{limit_field}"
            );
        }
        assert_eq!(
            send(&layer, ask(Method::GET, path, &[])).status(),
            429,
            "{path}"
        );
    }
}

#[test]
fn a_request_is_charged_what_it_costs() {
    let limit = Limit::new(per_minute("units", 10), everybody())
        .with_cost(|head| head.uri.path().len().try_into().unwrap());
    let layer = layer(limit);

    let first = send(&layer, ask(Method::GET, "/four", &[]));
    assert_eq!(field(&first, "x-ratelimit-remaining"), "5");

    // Five are left: enough for others, though not for this one.
    let refused = send(&layer, ask(Method::GET, "/of-8-ch", &[]));
    assert_eq!(
        (
            refused.status().as_u16(),
            field(&refused, "x-ratelimit-remaining").as_str()
        ),
        (429, "5")
    );
    assert_eq!(field(&refused, "retry-after"), "18");
    assert_eq!(facts(&refused).used, 13);
    assert_eq!(send(&layer, ask(Method::GET, "/four", &[])).status(), 200);
}

#[test]
fn what_costs_more_than_is_ever_allowed_is_refused_for_good() {
    let limit = Limit::new(per_minute("units", 10), everybody()).with_cost(|_| 11);
    let layer = layer(limit);

    let refused = send(&layer, request("a"));

    assert_eq!(
        (
            refused.status().as_u16(),
            field(&refused, "retry-after").as_str()
        ),
        (422, "")
    );
    assert_eq!(facts(&refused).limit, 10);
    let problem = refused.extensions().get::<Problem>().unwrap();
    assert_eq!(problem.kind(), Kind::CostExceedsLimit);
}

#[test]
fn a_quota_of_the_calendar_is_a_problem_of_its_own() {
    let layer = layer(Limit::new(Quota::per_month(1), everybody()));
    send(&layer, request("a"));

    let refused = send(&layer, request("a"));

    let problem = refused.extensions().get::<Problem>().unwrap();
    assert_eq!(
        (refused.status().as_u16(), problem.kind()),
        (429, Kind::QuotaExceeded)
    );
    // January has 31 days, and February 28.
    assert_eq!(
        facts(&refused).window,
        std::time::Duration::from_secs(31 * 86_400)
    );
    // From the 14th of January 2022, 23:59:59.5, to the 1st of February.
    assert_eq!(
        field(&refused, "retry-after"),
        (17 * 86_400 + 1).to_string()
    );
}

#[test]
fn of_policies_with_nothing_left_the_one_of_the_longest_wait_is_sent() {
    let limits =
        [per_minute("minute", 1), Quota::per_month(1)].map(|quota| Limit::new(quota, everybody()));
    let layer = layer(limits);

    let last = send(&layer, request("a"));

    assert_eq!(field(&last, "x-ratelimit-remaining"), "0");
    // 2022-02-01 00:00:00 UTC, and not a second later.
    assert_eq!(field(&last, "x-ratelimit-reset"), "1643673600");
}

#[test]
fn only_real_preflights_are_not_limited() {
    let real = || {
        ask(
            Method::OPTIONS,
            "/",
            &["origin", "access-control-request-method"],
        )
    };
    let exempt = layer(Limit::new(per_minute("one", 1), everybody()));

    for _ in 0..3 {
        let preflight = send(&exempt, real());
        assert_eq!(
            (preflight.status().as_u16(), preflight.headers().len()),
            (200, 0)
        );
    }
    for fields in [
        ["origin"].as_slice(),
        &["access-control-request-method"],
        &[],
    ] {
        let limit = layer(Limit::new(per_minute("one", 1), everybody()));
        send(&limit, ask(Method::OPTIONS, "/", fields));
        assert_eq!(
            send(&limit, ask(Method::OPTIONS, "/", fields)).status(),
            429,
            "{fields:?}"
        );
    }
    let limits = Limits::from(Limit::new(per_minute("one", 1), everybody())).with_preflights();
    let limited = layer(limits);
    send(&limited, real());
    assert_eq!(send(&limited, real()).status(), 429);
}

#[test]
fn what_is_exempt_is_neither_limited_nor_described() {
    let limits = Limits::from(Limit::new(per_minute("one", 1), everybody()))
        .with_exemption(|head| head.uri.path() == "/healthz");
    let layer = layer(limits);

    for _ in 0..3 {
        let health = send(&layer, ask(Method::GET, "/healthz", &[]));
        assert_eq!((health.status().as_u16(), health.headers().len()), (200, 0));
    }
    assert_eq!(send(&layer, ask(Method::GET, "/", &[])).status(), 200);
    assert_eq!(send(&layer, ask(Method::GET, "/", &[])).status(), 429);
}

#[test]
fn a_limit_may_be_for_some_methods_and_conditions() {
    let writes = Limit::new(per_minute("writes", 1), everybody())
        .with_methods([Method::POST, Method::PUT])
        .with_condition(|head| head.uri.path().starts_with("/api"));
    let layer = layer(writes);
    send(&layer, ask(Method::POST, "/api/a", &[]));

    for (method, path, status) in [
        (Method::GET, "/api/a", 200),
        (Method::POST, "/", 200),
        (Method::PUT, "/api/b", 429),
    ] {
        assert_eq!(
            send(&layer, ask(method, path, &[])).status(),
            status,
            "{path}"
        );
    }
}

#[test]
fn a_limit_may_be_for_some_routes() {
    let limit = Limit::new(per_minute("media", 1), everybody()).with_routes(["/media/{id}"]);
    let layer = layer(limit);
    let status = |template: Option<&'static str>| {
        let mut request = ask(Method::GET, "/media/7", &[]);
        if let Some(template) = template {
            request
                .extensions_mut()
                .insert(RouteTemplate(template.into()));
        }
        send(&layer, request).status().as_u16()
    };

    let route = Some("/media/{id}");
    assert_eq!([route, route].map(status), [200, 429]);
    assert_eq!([Some("/other"), None].map(status), [200, 200]);
}

#[test]
fn the_facts_have_what_was_exceeded() {
    let limit = Limit::new(per_minute("minute", 2), ApiKey).with_scope("user");
    let layer = layer(limit);
    send(&layer, request("a"));
    send(&layer, request("a"));

    let facts = facts(&send(&layer, request("a")));

    assert_eq!((&*facts.quota, facts.limit, facts.used), ("minute", 2, 3));
    assert_eq!(
        (facts.window, facts.scope.as_deref()),
        (crate::limits::harness::MINUTE, Some("user"))
    );
}

#[test]
fn a_policy_of_a_name_that_is_taken_is_no_limit() {
    let one = || Limit::new(per_minute("one", 1), everybody());

    let twice = Limits::new([one(), one()]).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "duplicate quota name \"one\": expected another name for each limit, set by `Quota::named`"
    );

    let other = Limit::new(per_minute("other", 1), everybody());
    let tier = other.with_tier(per_minute("one", 2), |_| true);
    assert!(Limits::new([one(), tier]).is_err());
}
