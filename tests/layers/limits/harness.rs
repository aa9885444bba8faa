//! A handler behind a limit, and a clock that stands still.

use std::convert::Infallible;
use std::future::ready;
use std::time::Duration;

use http::{Request, Response};
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::Problem;
use tower_edge::problem::{Facts, RateLimitFacts};
use tower_edge::rate_limit::memory::Clock;
use tower_edge::rate_limit::{Limits, MemoryStore, Quota, RateLimitHandle, RateLimitLayer, Store};

/// Friday, 2022-01-14 23:59:59.5 UTC, for ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Still;

impl Still {
    pub(crate) const UNIX: Duration = Duration::from_millis(1_642_204_799_500);
}

impl Clock for Still {
    fn now(&self) -> Duration {
        MINUTE
    }

    fn unix_now(&self) -> Duration {
        Self::UNIX
    }
}

pub(crate) type Limit = RateLimitLayer<MemoryStore<Still>>;

pub(crate) fn store() -> MemoryStore<Still> {
    MemoryStore::new(1024).with_clock(Still)
}

pub(crate) fn layer(limits: impl Into<Limits>) -> Limit {
    RateLimitLayer::new(limits.into().with_unix_clock(|| Still::UNIX)).with_store(store())
}

/// A quota by the minute.
pub(crate) fn per_minute(name: &str, count: u32) -> Quota {
    Quota::per_minute(count).try_named(name).unwrap()
}

/// A request with an API key.
pub(crate) fn request(key: &str) -> Request<()> {
    Request::get("/").header("x-api-key", key).body(()).unwrap()
}

/// What becomes of the handler's response to this request.
pub(crate) fn response_with(
    limit: &Limit,
    request: Request<()>,
    response: &Response<()>,
) -> Response<()> {
    let handler = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(response.clone())));
    block_on(limit.layer(handler).oneshot(request)).unwrap()
}

/// The response to a request that the handler serves.
pub(crate) fn send(limit: &Limit, request: Request<()>) -> Response<()> {
    response_with(limit, request, &Response::new(()))
}

/// The values of a field, its lines joined as a list is.
pub(crate) fn field(response: &Response<()>, name: &str) -> String {
    let lines = response.headers().get_all(name).iter();
    let lines: Vec<_> = lines.map(|line| line.to_str().unwrap()).collect();
    lines.join(", ")
}

pub(crate) fn facts(response: &Response<()>) -> RateLimitFacts {
    let problem = response.extensions().get::<Problem>().unwrap();
    match problem.facts() {
        Some(Facts::RateLimit(facts)) => facts.clone(),
        other => panic!("{other:?}"),
    }
}

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The response of a handler that is passed the handle. Its problem is the response.
pub(crate) fn respond<F, St>(
    limit: &RateLimitLayer<St>,
    handle: impl Fn(RateLimitHandle) -> F,
) -> Response<()>
where
    F: Future<Output = Result<(), Problem>>,
    St: Store,
{
    let handler = service_fn(|request: Request<()>| {
        let handled = handle(
            request
                .extensions()
                .get::<RateLimitHandle>()
                .unwrap()
                .clone(),
        );
        async {
            Ok::<_, Infallible>(match handled.await {
                Ok(()) => Response::new(()),
                Err(problem) => problem.into_empty_response(),
            })
        }
    });
    block_on(limit.layer(handler).oneshot(request("a"))).unwrap()
}
