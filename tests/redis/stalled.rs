//! A server that never replies, on a clock that runs as fast as nobody waits.

use std::convert::Infallible;
use std::future::{pending, ready};
use std::time::Duration;

use http::{Request, Response};
use redis::aio::ConnectionLike;
use redis::{Cmd, Pipeline, RedisFuture, Value};
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::rate_limit::{ApiKey, Limit, MemoryStore, Quota, RateLimitLayer};
use tower_edge_redis::{OnStoreError, RedisStore};

#[derive(Clone, Copy)]
struct Stalled;

impl ConnectionLike for Stalled {
    fn req_packed_command<'a>(&'a mut self, _: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(pending())
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        _: &'a Pipeline,
        _: usize,
        _: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(pending())
    }

    fn get_db(&self) -> i64 {
        0
    }
}

/// The response of each of some requests, and how long it took.
async fn responses(on_error: OnStoreError) -> Vec<(u16, Duration)> {
    let store = RedisStore::new(Stalled, MemoryStore::new(1024)).with_on_error(on_error);
    let layer = RateLimitLayer::new(Limit::new(Quota::per_hour(100), ApiKey)).with_store(store);
    let mut responses = Vec::new();
    for _ in 0..50 {
        let handler = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Response::new(()))));
        let request = Request::get("/").header("x-api-key", "a").body(()).unwrap();
        let begun = Instant::now();
        let response = layer.layer(handler).oneshot(request).await.unwrap();
        responses.push((response.status().as_u16(), begun.elapsed()));
    }
    responses
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_timeout_and_most_do_not_wait() {
    for (on_error, expected) in [
        (OnStoreError::LocalFallback, 200),
        (OnStoreError::Open, 200),
        (OnStoreError::Closed, 503),
    ] {
        let responses = responses(on_error).await;

        for (status, took) in &responses {
            assert_eq!(*status, expected, "{on_error:?}");
            assert!(*took <= TIMEOUT + SLACK, "{on_error:?}: {took:?}");
        }
        let waited = responses
            .iter()
            .filter(|(_, took)| *took >= TIMEOUT)
            .count();
        assert_eq!(waited, 5, "{on_error:?}");
    }
}

/// The default.
const TIMEOUT: Duration = Duration::from_millis(20);
const SLACK: Duration = Duration::from_millis(10);
