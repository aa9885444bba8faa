//! `--metrics`: what Prometheus reads, and what must not be in it.

use std::collections::BTreeSet;
use std::fs;

use http::Request;
use tokio::net::TcpListener;
use tower_edge_tests::{Client, failed_start};

use crate::support::{Gateway, PREFIXES, TestResponse, command};

const METRICS: [&str; 2] = ["--metrics", "127.0.0.1:0"];

async fn gateway(flags: &[&str]) -> Gateway {
    Gateway::with(&[&METRICS, flags].concat()).await
}

async fn scrape(gateway: &Gateway) -> TestResponse {
    let request = Request::get(gateway.metrics().expect("a listener for metrics"));
    Client::http_1().send(request).await
}

/// The names of series, without their values.
async fn series(gateway: &Gateway) -> BTreeSet<String> {
    let scraped = scrape(gateway).await;
    let lines = scraped.text().lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let names = lines.map(|line| line.rsplit_once(' ').expect(line).0.to_owned());
    names.collect()
}

#[tokio::test]
async fn a_scrape_counts_the_requests_under_every_prefix() {
    let gateway = gateway(&["--limit", "burst=8/1h", "--timeout", "200ms"]).await;
    for prefix in PREFIXES {
        let outdated = match prefix {
            "/plexichat" => "a.0.9-1",
            _ => "1.1.9",
        };
        for (path, version, status) in [
            ("/api/media/7", None, 200),
            ("/api/media/101", None, 404),
            ("/api/upstream/slow", None, 504),
            ("/api/nothing", None, 404),
            ("/api/media/7", Some(outdated), 426),
        ] {
            let ask = gateway.get(&format!("{prefix}{path}"));
            let ask = ask.header("x-api-key", prefix);
            let ask = match version {
                Some(version) => ask.header("x-client-version", version),
                None => ask.header("x-correlation-id", "not an id"),
            };
            assert_eq!(ask.send().await.status, status, "{prefix}{path}");
        }
        for left in (0..5_u8).rev() {
            let ask = gateway.get(&format!("{prefix}/api/media/7"));
            let status = ask.header("x-api-key", prefix).send().await.status;
            assert_eq!(status, if left == 0 { 429 } else { 200 }, "{prefix}");
        }
    }

    let scraped = scrape(&gateway).await;

    let type_ = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(scraped.field("content-type"), type_);
    for line in [
        r#"tower_edge_request_duration_seconds_count{method="GET",route="/{prefix}/api/media/{id}",status="2xx",key=""} 30"#,
        r#"tower_edge_request_duration_seconds_count{method="GET",route="/{prefix}/api/upstream/{name}",status="5xx",key="upstream_timeout"} 6"#,
        r#"tower_edge_request_duration_seconds_count{method="GET",route="",status="4xx",key="route_not_found"} 6"#,
        r#"tower_edge_request_duration_seconds_bucket{method="GET",route="/{prefix}/api/media/{id}",status="2xx",key="",le="10"} 30"#,
        r#"tower_edge_problems_total{key="rate_limited",status="429",format="medianest"} 1"#,
        r#"tower_edge_rate_limit_decisions_total{policy="burst",result="allowed"} 48"#,
        r#"tower_edge_rate_limit_decisions_total{policy="burst",result="rejected"} 6"#,
        r#"tower_edge_rate_limit_near_limit_total{policy="burst"} 6"#,
        r#"tower_edge_version_gate_decisions_total{status="outdated",platform="other",result="rejected"} 6"#,
        r#"tower_edge_timeouts_total{phase="response_head",upstream="upstream",operation="",result="ended"} 6"#,
        r#"tower_edge_upstream_duration_seconds_count{upstream="upstream",operation="",status="2xx"} 30"#,
        r#"tower_edge_correlation_ids_replaced_total{reason="byte"} 24"#,
        "tower_edge_requests_in_flight 0",
        "# TYPE tower_edge_request_duration_seconds histogram",
    ] {
        let text = scraped.text();
        assert!(text.lines().any(|other| other == line), "{line} in\n{text}");
    }
}

#[tokio::test]
async fn nothing_that_a_client_sends_is_in_a_scrape() {
    let gateway = gateway(&["--limit", "burst=2/1h"]).await;
    let flood = async |numbers: std::ops::Range<usize>| {
        for number in numbers {
            let prefix = PREFIXES[number % PREFIXES.len()];
            let path = format!("{prefix}/api/media/{number}flood?flood={number}");
            let other = format!("{prefix}/flood{number}");
            for path in [path, other] {
                let ask = gateway.get(&path).headers(&[
                    ("x-api-key", &format!("flood-{number}")),
                    ("x-client-platform", &format!("flood{number}")),
                    ("x-correlation-id", &format!("flood-{number}")),
                ]);
                let version = format!("{number}.0.0-flood");
                let response = ask.header("x-client-version", version).send().await;
                assert_ne!(response.status, 429, "{path}");
            }
        }
    };

    flood(0..PREFIXES.len() * 2).await;
    let before = series(&gateway).await;
    flood(100..400).await;

    assert_eq!(series(&gateway).await, before);
    let scraped = scrape(&gateway).await;
    assert!(!scraped.text().contains("flood"), "{}", scraped.text());
}

#[tokio::test]
async fn without_the_flag_nobody_but_clients_is_listened_to() {
    // No upstream inside of the process, which listens too.
    let upstream = ["--upstream", "http://127.0.0.1:1"];
    let with = gateway(&upstream).await;
    let without = Gateway::with(&upstream).await;

    assert_eq!((without.metrics(), listeners(&without)), (None, 1));
    assert_eq!(listeners(&with), 2);
    let other_path = with.metrics().unwrap().replace("/metrics", "/");
    let other_path = Client::http_1().send(Request::get(other_path)).await;
    assert_eq!(other_path.status, 404);
    let clients = with.get("/metrics").send().await;
    assert_eq!(clients.status, 404);
}

/// How many sockets of this process listen.
fn listeners(gateway: &Gateway) -> usize {
    const LISTENS: &str = "0A";
    let tcp = fs::read_to_string("/proc/net/tcp").unwrap();
    let listening = tcp.lines().filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        (words.get(3) == Some(&LISTENS)).then(|| format!("socket:[{}]", words[9]))
    });
    let listening: BTreeSet<_> = listening.collect();
    let files = fs::read_dir(format!("/proc/{}/fd", gateway.id())).unwrap();
    let files = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    let is_listening =
        |file: &std::path::PathBuf| file.to_str().is_some_and(|name| listening.contains(name));
    files.filter(is_listening).count()
}

#[tokio::test]
async fn a_port_in_use_is_one_line_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = command();
    command.args(["--listen", "127.0.0.1:0", "--metrics", &address]);

    let line = failed_start(command, 1).await;

    let named = format!("gateway: cannot listen on {address} for metrics: ");
    assert!(line.starts_with(&named), "{line}");
}

#[tokio::test]
async fn an_open_scrape_keeps_no_gateway_from_its_end() {
    let gateway = gateway(&[]).await;
    let client = Client::http_1();
    let scraped = client.send(Request::get(gateway.metrics().unwrap())).await;
    assert_eq!(scraped.status, 200);

    gateway.signal("TERM").await;

    let (status, _, stderr) = gateway.end().await;
    assert!(status.success(), "{stderr}");
    drop(client);
}
