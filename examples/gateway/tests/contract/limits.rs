//! The rate limit: when it rejects, and which fields it writes.

use futures_util::future::join_all;
use tokio::time::{Instant, timeout};

use crate::support::{
    Gateway, PATIENCE, PREFIXES, PROTOCOLS, assert_limit_fields, remaining, rows,
};

#[tokio::test]
async fn the_sixth_request_of_five_is_refused_in_each_format() {
    let gateway = Gateway::with(&["--limit", "burst=5/1m"]).await;

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            let path = format!("{prefix}/api/media/7");
            let key = format!("{prefix}{protocol:?}");
            let ask = || gateway.get(&path).over(protocol).header("x-api-key", &key);
            for left in (0..5).rev() {
                let response = ask().send().await;

                assert_eq!(response.status, 200);
                assert_limit_fields(prefix, &response);
                assert_eq!(remaining(prefix, &response), left, "{response:?}");
            }
            let refused = ask().send().await;

            rows::LIMITED.assert(prefix, &refused);
            assert_limit_fields(prefix, &refused);
            assert_eq!(remaining(prefix, &refused), 0);
            // GCRA gives one of five back after 12 s.
            assert!(
                (1..=12).contains(&refused.number("retry-after")),
                "{refused:?}"
            );
            if prefix != "/problem" {
                assert_eq!(refused.number("x-ratelimit-limit"), 5);
            }
        }
    }
}

#[tokio::test]
async fn the_wait_in_the_body_agrees_with_the_one_in_the_header() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;

    for prefix in PREFIXES {
        let path = format!("{prefix}/api/media/7");
        let ask = || gateway.get(&path).header("x-api-key", prefix);
        ask().send().await;
        let refused = ask().send().await;

        let header = refused.number("retry-after");
        let body = refused.json();
        match prefix {
            "/plexichat" => {
                let wait = &body["error"]["retry_after"];
                assert!(wait.is_f64(), "{body}");
                #[expect(clippy::cast_precision_loss, reason = "a wait is a small number")]
                let header = header as f64;
                assert!((wait.as_f64().unwrap().ceil() - header).abs() < f64::EPSILON);
            }
            "/medianest" => assert_eq!(body["error"]["details"]["retry_after"], header),
            "/routermcp" => assert_eq!(body["retryAfter"], header),
            "/problem" => assert_eq!(body["retry_after"], header),
            _ => assert!(!refused.text().contains("retry"), "{body}"),
        }
    }
}

#[tokio::test]
async fn a_month_is_a_quota_that_is_back_with_the_next_one() {
    let gateway = Gateway::with(&["--limit", "plan=2/month", "--address-limit", "99/month"]).await;

    for prefix in PREFIXES {
        let path = format!("{prefix}/api/media/7");
        let ask = || gateway.get(&path).header("x-api-key", prefix);
        for left in [1, 0] {
            let response = ask().send().await;
            assert_eq!((response.status, remaining(prefix, &response)), (200, left));
        }
        let refused = ask().send().await;

        assert_eq!(refused.status, 429);
        let wait = refused.number("retry-after");
        assert!((1..=31 * 24 * 60 * 60).contains(&wait), "{wait}");
        if prefix == "/plexmcp" {
            assert_eq!(refused.json()["error"]["code"], "quota_exceeded");
        }
        if prefix != "/problem" {
            assert_eq!(refused.number("x-ratelimit-limit"), 2);
        }
    }
}

/// `Retry-After` has whole seconds only, and 0 would be at once.
#[tokio::test]
async fn a_wait_of_less_than_a_second_is_a_second_in_the_header() {
    let gateway = Gateway::with(&["--limit", "fast=1/900ms"]).await;
    gateway.get("/plexichat/api/media/7").send().await;

    let refused = gateway.get("/plexichat/api/media/7").send().await;

    assert_eq!((refused.status, refused.number("retry-after")), (429, 1));
    let wait = refused.json()["error"]["retry_after"].as_f64().unwrap();
    assert!(wait > 0.0 && wait <= 0.9, "{wait}");
}

#[tokio::test]
async fn the_reset_is_when_the_full_quota_is_back() {
    let gateway = Gateway::with(&["--limit", "burst=5/1m"]).await;

    for number in 1..=5 {
        let response = gateway.get("/plexmcp/api/media/7").send().await;

        let now = httpdate::parse_http_date(response.field("date")).unwrap();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let wait = response.number("x-ratelimit-reset") - now;
        // Each costs 12 s; `Date` is cut to seconds, the reset rounded up, and time goes by.
        assert!(
            (12 * number - 4..=12 * number + 1).contains(&wait),
            "{response:?}"
        );
    }
}

#[tokio::test]
async fn the_limit_is_over_all_prefixes_and_protocols_together() {
    let gateway = Gateway::with(&["--limit", "burst=5/1m"]).await;

    for (index, prefix) in PREFIXES.into_iter().enumerate() {
        let path = format!("{prefix}/api/media/7");
        let response = gateway.get(&path).over(PROTOCOLS[index % 2]).send().await;

        let expected = if index < 5 { 200 } else { 429 };
        assert_eq!(response.status, expected, "{prefix}");
    }
}

#[tokio::test]
async fn errors_are_counted_too() {
    let gateway = Gateway::with(&["--limit", "burst=4/1m"]).await;

    for (path, status) in [
        ("/ads/api/media/101", 404),
        ("/ads/api/private", 401),
        ("/ads/nothing", 404),
        ("/ads/api/panic", 500),
        ("/ads/api/media/7", 429),
    ] {
        assert_eq!(gateway.get(path).send().await.status, status, "{path}");
    }
}

#[tokio::test]
async fn it_is_exact_under_concurrent_requests() {
    let gateway = Gateway::with(&["--limit", "burst=5/1m"]).await;
    let asks = (0..40).map(|index| {
        let path = format!("{}/api/media/7", PREFIXES[index % 6]);
        let gateway = &gateway;
        async move {
            gateway
                .get(&path)
                .over(PROTOCOLS[index % 2])
                .send()
                .await
                .status
        }
    });

    let statuses = join_all(asks).await;

    let count = |status| statuses.iter().filter(|known| **known == status).count();
    assert_eq!((count(200), count(429)), (5, 35), "{statuses:?}");
}

#[tokio::test]
async fn the_policy_with_the_least_remaining_is_sent() {
    let gateway = Gateway::with(&["--limit", "many=10/1m", "--limit", "few=3/1m"]).await;

    let plain = gateway.get("/plexmcp/api/media/7").send().await;
    let ietf = gateway.get("/problem/api/media/7").header("x-api-key", "k");
    let ietf = ietf.send().await;

    assert_eq!(plain.number("x-ratelimit-limit"), 3);
    assert_eq!(plain.number("x-ratelimit-remaining"), 2);
    assert!(
        ietf.field("ratelimit").contains(r#""few";r=2;t="#),
        "{ietf:?}"
    );
    let policies = ietf.field("ratelimit-policy");
    for policy in [r#""many";q=10;w=60"#, r#""few";q=3;w=60"#] {
        assert!(policies.contains(policy), "{policies}");
    }
}

#[tokio::test]
async fn a_refusal_names_the_violated_policy_with_the_longest_wait() {
    for flags in [["short=2/1m", "long=2/1h"], ["long=2/1h", "short=2/1m"]] {
        let gateway = Gateway::with(&["--limit", flags[0], "--limit", flags[1]]).await;
        for _ in 0..2 {
            gateway.get("/plexmcp/api/media/7").send().await;
        }

        let refused = gateway.get("/plexmcp/api/media/7").send().await;
        let ietf = gateway.get("/problem/api/media/7").send().await;

        assert_eq!(refused.status, 429);
        assert!(
            (1790..=1800).contains(&refused.number("retry-after")),
            "{refused:?}"
        );
        assert!(
            ietf.field("ratelimit").contains(r#""long";r=0;t="#),
            "{ietf:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_by_one_policy_charges_no_other() {
    let gateway = Gateway::with(&["--limit", "few=1/1s", "--limit", "many=3/1h"]).await;
    let ask = || gateway.get("/plexmcp/api/media/7");

    assert_eq!(ask().send().await.status, 200);
    for _ in 0..10 {
        ask().send().await;
    }
    let second = timeout(PATIENCE, async {
        loop {
            let response = ask().send().await;
            if response.status == 200 {
                return response;
            }
        }
    });

    // The many are not used up by the refusals of the few.
    assert_eq!(second.await.expect("a second turn").status, 200);
}

#[tokio::test]
async fn waiting_as_long_as_announced_is_long_enough() {
    let gateway = Gateway::with(&["--limit", "burst=1/1s"]).await;
    let ask = || gateway.get("/ads/api/media/7");
    ask().send().await;
    let refused = ask().send().await;
    let start = Instant::now();

    let admitted = timeout(PATIENCE, async {
        while ask().send().await.status == 429 {}
    });
    admitted.await.expect("a second turn");

    assert_eq!(refused.number("retry-after"), 1);
    assert!(start.elapsed().as_millis() < 1500, "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_defaults_are_20_a_second_and_300_a_minute() {
    let gateway = Gateway::with(&[]).await;

    let plain = gateway.get("/medianest/api/media/7").send().await;
    let ietf = gateway.get("/problem/api/media/7").send().await;

    assert_eq!(plain.number("x-ratelimit-limit"), 20);
    assert_eq!(plain.number("x-ratelimit-remaining"), 19);
    let policies = ietf.field("ratelimit-policy");
    for policy in [r#""second";q=20;w=1"#, r#""minute";q=300;w=60"#] {
        assert!(policies.contains(policy), "{policies}");
    }
}
