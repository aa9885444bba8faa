//! Limits that are tried out before they refuse anybody.

use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::{ApiKey, Limit, Limits};
use tower_edge::{Enforcement, Percent};

use crate::limits::harness::{field, layer, per_minute, request, send};

#[test]
fn a_shadow_lets_through_and_says_nothing() {
    let shadow = Limit::new(per_minute("tried", 1), ApiKey).with_enforcement(Enforcement::DryRun);
    let enforced = Limit::new(per_minute("enforced", 3), ApiKey);
    let limits = Limits::new([shadow, enforced]).unwrap();
    let layer = layer(limits.with_header_style(HeaderStyle::IETF));

    for left in (0..3).rev() {
        let response = send(&layer, request("a"));

        assert_eq!(response.status(), 200);
        assert_eq!(
            field(&response, "ratelimit-policy"),
            "\"enforced\";q=3;w=60"
        );
        let limit_field = field(&response, "ratelimit");
        assert!(
            limit_field.starts_with(&format!("\"enforced\";r={left};")),
            "{limit_field}"
        );
    }
    assert_eq!(send(&layer, request("a")).status(), 429);
}

#[test]
fn a_dry_run_alone_leaves_the_response_as_it_is() {
    let shadow = Limit::new(per_minute("tried", 1), ApiKey).with_enforcement(Enforcement::DryRun);
    let layer = layer(shadow);

    for _ in 0..3 {
        let response = send(&layer, request("a"));
        assert_eq!(
            (response.status().as_u16(), response.headers().len()),
            (200, 0)
        );
    }
}

#[test]
fn a_sample_refuses_some_clients_and_always_the_same() {
    let half = Enforcement::Percent(Percent::new(50).unwrap());
    let sampled = Limit::new(per_minute("tried", 1), ApiKey).with_enforcement(half);
    let layer = layer(sampled);
    let keys: Vec<_> = (0..200).map(|number| format!("key {number}")).collect();
    let refused = || -> Vec<_> {
        let statuses = keys.iter().map(|key| send(&layer, request(key)).status());
        statuses.map(|status| status == 429).collect()
    };
    refused();

    let (second, third) = (refused(), refused());

    assert_eq!(second, third);
    let refused = second.into_iter().filter(|refused| *refused).count();
    assert!((60..=140).contains(&refused), "{refused}");
}
