use std::future::pending;

use tower_edge_tests::RedisServer;

use crate::support::{Gateway, PREFIXES};

/// A gateway with metrics, limits that some clients reach and no patience with its upstream.
pub(super) async fn gateway(redis: &RedisServer) -> Gateway {
    let flags = ["--metrics", "127.0.0.1:0", "--redis", &redis.url()];
    let limits = [
        "--limit",
        "minute=20/1m,hour=100000/1h",
        "--timeout",
        "200ms",
    ];
    Gateway::with(&[flags, limits].concat()).await
}

/// About forty requests of as many kinds as there are: served, rejected, outdated, timed out, not found and failed.
pub(super) async fn round(gateway: &Gateway, number: usize) {
    let prefix = PREFIXES[number % PREFIXES.len()];
    let get = async |path: &str, key: &str, field: (&str, &str)| {
        let ask = gateway.get(&format!("{prefix}{path}"));
        let ask = ask.headers(&[("x-api-key", key), field]);
        ask.send_unchecked().await
    };
    let nothing = ("x-nothing", "");
    let outdated = if prefix == "/plexichat" {
        "a.0.9-1"
    } else {
        "1.1.9"
    };
    let quiet = format!("quiet-{number}");
    for medium in 0..12 + number % 5 {
        get(&format!("/api/media/{medium}"), &quiet, nothing).await;
        get("/api/upstream/ok", "busy", nothing).await;
    }
    for path in [
        "/api/media/101",
        "/api/nothing",
        "/api/upstream/error",
        "/api/upstream/refused",
    ] {
        get(path, &quiet, nothing).await;
    }
    for _ in 0..=number % 3 {
        get("/api/media/7", &quiet, ("x-client-version", outdated)).await;
    }
    get("/api/media/7", &quiet, ("x-correlation-id", "not an id")).await;
    get("/api/upstream/slow", &quiet, nothing).await;
}

/// In some rounds keeps one request in flight, which ends with its client.
pub(super) async fn wait(gateway: &Gateway, number: usize) {
    let key = format!("slow-{number}");
    while number.is_multiple_of(3) {
        let ask = gateway.get("/problem/api/upstream/slow");
        ask.header("x-api-key", &key).send_unchecked().await;
    }
    pending::<()>().await;
}
