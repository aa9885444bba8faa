//! Two machines that share one limit in Redis or Valkey: ports 3000 and 3001 stand for them.
//!
//! `cargo run -p tower-edge --example shared_limits --features axum -- redis://127.0.0.1:6379`, and then:
//!
//! ```console
//! $ for port in 3000 3001 3000 3001; do curl -si -H 'x-api-key: alice' localhost:$port/ | grep -E '^HTTP|remaining'; done
//! HTTP/1.1 200 OK
//! x-ratelimit-remaining: 2
//! HTTP/1.1 200 OK
//! x-ratelimit-remaining: 1
//! HTTP/1.1 200 OK
//! x-ratelimit-remaining: 0
//! HTTP/1.1 429 Too Many Requests
//! x-ratelimit-remaining: 0
//! ```

use std::env;
use std::num::NonZeroU32;

use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails};
use tower_edge::rate_limit::{ApiKey, KeyExtractor, Limit, MemoryStore, Quota, RateLimitLayer};
use tower_edge::{BoxError, Edge};
use tower_edge_redis::RedisStore;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let redis = env::args()
        .nth(1)
        .ok_or("name a server, such as redis://127.0.0.1:6379")?;
    let first = TcpListener::bind("127.0.0.1:3000").await?;
    let second = TcpListener::bind("127.0.0.1:3001").await?;
    tokio::try_join!(
        axum::serve(first, machine(&redis)?).into_future(),
        axum::serve(second, machine(&redis)?).into_future(),
    )?;
    Ok(())
}

/// A machine. While Redis is away, it counts on its own, by half of the limit.
fn machine(redis: &str) -> Result<Router, BoxError> {
    let store = RedisStore::connect(redis, MemoryStore::default())?
        .with_machines(const { NonZeroU32::new(2).unwrap() })
        // The same on all machines, and from your configuration: keys in Redis are hashed with it.
        .with_key_secret(*b"sixteen bytes...");
    let limit = Limit::new(Quota::per_minute(3), ApiKey.required());
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(RateLimitLayer::new(limit).with_store(store));
    Ok(Router::new().route("/", get("hello\n")).layer(edge))
}

#[cfg(test)]
#[tokio::test]
async fn what_one_machine_allows_is_used_up_on_the_other() {
    use axum::{body::Body, extract::Request};
    use tower_edge_tests::{RedisServer, oneshot};

    let redis = RedisServer::start();
    let machines = [
        machine(&redis.url()).unwrap(),
        machine(&redis.url()).unwrap(),
    ];

    for (request, left) in [2, 1, 0].into_iter().enumerate() {
        let key = Request::get("/").header("x-api-key", "alice");
        let response = oneshot(
            machines[request % 2].clone(),
            key.body(Body::empty()).unwrap(),
        )
        .await;
        assert_eq!(
            (response.status, response.number("x-ratelimit-remaining")),
            (200, left)
        );
    }
    for machine in machines {
        let key = Request::get("/").header("x-api-key", "alice");
        let response = oneshot(machine, key.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status, 429);
    }
}
