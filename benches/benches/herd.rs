//! What 500 clients that start at once cost a gateway that allows 50 requests a second: ours and reqwest-retry, over
//! sockets.
//!
//! `cargo bench -p tower-edge-benches --bench herd -- 3` has each client make three requests, one after another.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;
use tokio::task::JoinSet;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::client::retry::{ReplayBody, Retry, RetryLayer};
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::{ApiKey, Limit, Limits, Quota, RateLimitLayer};
use tower_edge_tests::serve;

const CLIENTS: usize = 500;
const KEY: (&str, &str) = ("x-api-key", "k");

type Came = Arc<Mutex<Vec<Instant>>>;

/// A gateway whose calls take 20 ms, and when requests came to it.
async fn gateway() -> (String, Came) {
    let came = Came::default();
    let limits = Limits::from(Limit::new(Quota::per_second(50), ApiKey));
    let layer = RateLimitLayer::new(limits.with_header_style(HeaderStyle::IETF));
    let limited = layer.layer(service_fn(async |_| {
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    }));
    let log = came.clone();
    let service = service_fn(move |request: Request<_>| {
        let limited = limited.clone();
        if let Ok(mut log) = log.lock() {
            log.push(now());
        }
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            limited.oneshot(request).await
        }
    });
    (format!("http://{}/", serve(service).await), came)
}

/// Runs 500 tasks, each with a client, and prints a line.
#[expect(clippy::print_stdout, reason = "a benchmark prints")]
async fn herd<C, F>(name: &str, rounds: usize, client: impl Fn(usize) -> C)
where
    C: Fn(String) -> F + Send + 'static,
    F: Future<Output = bool> + Send,
{
    let (uri, came) = gateway().await;
    let start = now();
    let mut tasks = JoinSet::new();
    for number in 0..CLIENTS {
        let (client, uri) = (client(number), uri.clone());
        tasks.spawn(async move {
            let mut successes = 0;
            for _ in 0..rounds {
                successes += usize::from(client(uri.clone()).await);
            }
            successes
        });
    }
    let successes: usize = tasks.join_all().await.into_iter().sum();
    let took = start.elapsed().as_secs_f64();
    let mut came = came.lock().map(|came| came.clone()).unwrap_or_default();
    came.sort();
    let requests = came.len();
    came.retain(|at| *at > start + Duration::from_secs(1));
    let peak = (1..=came.len()).take_while(|count| {
        let mut widths = came.windows(*count).map(|some| match some {
            [first, .., last] => *last - *first,
            _ => Duration::ZERO,
        });
        widths.any(|width| width < Duration::from_millis(100))
    });
    println!(
        "{name:<34} {requests:>6} requests {successes:>5} of {} successes {:>6.2} a success, at most {:>3} in 100 ms, {took:>6.1} s",
        CLIENTS * rounds,
        requests as f64 / successes as f64,
        peak.count(),
    );
}

/// Sends one request, and returns whether it succeeded.
type Call = Box<dyn Fn(String) -> Pin<Box<dyn Future<Output = bool> + Send>> + Send>;

type Ours = Retry<Client<HttpConnector, ReplayBody<Empty<Bytes>>>>;

fn service(layer: &RetryLayer) -> Ours {
    layer.layer(Client::builder(TokioExecutor::new()).build_http())
}

fn ours(client: Ours, token: usize) -> Call {
    Box::new(move |uri| {
        let client = client.clone();
        Box::pin(async move {
            let request = Request::get(uri).header(KEY.0, KEY.1);
            let request = request.header("authorization", token);
            let Ok(request) = request.body(Empty::<Bytes>::new()) else {
                return false;
            };
            let Ok(response) = client.oneshot(request).await else {
                return false;
            };
            let status = response.status();
            response.into_body().collect().await.is_ok() && status == StatusCode::OK
        })
    })
}

fn theirs(client: ClientWithMiddleware) -> Call {
    Box::new(move |uri| {
        let client = client.clone();
        Box::pin(async move {
            let response = client.get(uri).header(KEY.0, KEY.1).send().await;
            response.is_ok_and(|response| response.status() == StatusCode::OK)
        })
    })
}

fn reqwest_retry(retries: u32) -> ClientWithMiddleware {
    let policy = ExponentialBackoff::builder().build_with_max_retries(retries);
    ClientBuilder::new(reqwest::Client::new())
        .with(RetryTransientMiddleware::new_with_policy(policy))
        .build()
}

#[tokio::main]
async fn main() {
    let rounds = std::env::args()
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(1);
    let layer = RetryLayer::new();
    let shared = service(&layer);
    herd("tower-edge, one client", rounds, |_| {
        ours(shared.clone(), 0)
    })
    .await;
    herd("tower-edge, 500 clients", rounds, |_| {
        ours(service(&layer), 0)
    })
    .await;
    for (name, layer) in [
        ("tower-edge, 500 tokens", layer.clone()),
        ("the same without pacing", layer.with_pacing(false)),
    ] {
        let shared = service(&layer);
        herd(name, rounds, |token| ours(shared.clone(), token)).await;
    }
    for retries in [3, 10] {
        let client = reqwest_retry(retries);
        let name = format!("reqwest-retry, one client, {retries} retries");
        herd(&name, rounds, |_| theirs(client.clone())).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}
