use std::env;

use serde_json::Value;
use tower_edge_tests::{Panel, Prometheus, RedisServer, in_time};

use super::{picture, traffic};

#[tokio::test]
async fn every_panel_has_data_of_a_gateway_under_load() {
    let mut redis = RedisServer::start();
    let gateway = traffic::gateway(&redis).await;
    let url = gateway.metrics().unwrap();
    let target = url
        .trim_start_matches("http://")
        .trim_end_matches("/metrics");
    let prometheus = Prometheus::scraping(target).await;

    for number in 0..rounds() {
        traffic::round(&gateway, number).await;
        tokio::select! {
            () = another_scrape(&prometheus) => {}
            () = traffic::wait(&gateway, number) => {}
        }
    }
    redis.kill();
    let mut unexpected = Vec::new();
    for number in 0..rounds().max(8) {
        traffic::round(&gateway, number).await;
        tokio::select! {
            () = another_scrape(&prometheus) => {}
            () = traffic::wait(&gateway, number) => {}
        }
        unexpected = unexpected_responses(&prometheus).await;
        if unexpected.is_empty() && !is_picture_wanted() {
            break;
        }
    }

    assert!(unexpected.is_empty(), "{unexpected:#?}");
    if is_picture_wanted() {
        picture::draw(&prometheus, SECONDS, without_variables).await;
    }
}

/// The queries without data, and those that have data and are exempt.
async fn unexpected_responses(prometheus: &Prometheus) -> Vec<(String, Vec<Value>)> {
    let mut unexpected = Vec::new();
    for query in Panel::all().into_iter().flat_map(|panel| panel.queries) {
        let query = query.expression;
        let response = prometheus.query(&without_variables(&query)).await;
        let is_exempt = EXEMPT.iter().any(|(metric, _)| query.contains(metric));
        if has_numbers(&response) == is_exempt {
            unexpected.push((query, response));
        }
    }
    unexpected
}

/// Waits until Prometheus has scraped once more, and read what it got.
async fn another_scrape(prometheus: &Prometheus) {
    let scraped = async || {
        let times = prometheus.query("timestamp(up) and up == 1").await;
        times.first().map(|series| series["value"][1].clone())
    };
    let before = scraped().await;
    let another = async {
        loop {
            let now = scraped().await;
            if now.is_some() && now != before {
                return;
            }
        }
    };
    in_time(another).await;
}

/// As Grafana fills them in.
fn without_variables(expression: &str) -> String {
    expression
        .replace("$__rate_interval", "10s")
        .replace("$job", ".+")
}

/// Whether there is a series whose value is a number, and not that of a division by zero.
fn has_numbers(response: &[Value]) -> bool {
    let mut values = response
        .iter()
        .map(|series| series["value"][1].as_str().unwrap());
    values.any(|value| value.parse().is_ok_and(f64::is_finite))
}

/// As many scrapes as a rate needs, or as a picture.
fn rounds() -> usize {
    if is_picture_wanted() { 40 } else { 4 }
}

fn is_picture_wanted() -> bool {
    env::var_os("EDGE_UPDATE").is_some()
}

/// What the gateway does not do in this test.
const EXEMPT: [(&str, &str); 4] = [
    (
        "tower_edge_client_retries_total",
        "the gateway retries nothing",
    ),
    (
        "tower_edge_rate_limit_evictions_total",
        "its store has room for half a million clients",
    ),
    (
        "tower_edge_rate_limit_store_errors_total",
        "it decides by itself while Redis is away",
    ),
    (
        "tower_edge_redis_lease_hits_total",
        "it takes no units on lease",
    ),
];
/// Of the picture.
const SECONDS: u32 = 90;
