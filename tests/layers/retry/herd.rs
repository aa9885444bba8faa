//! What a limit of 50 a second costs 500 clients that start at once.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tower::util::BoxCloneService;
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tower_edge::client::retry::{ReplayBody, RetryLayer};
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::memory::{Clock, MemoryStore};
use tower_edge::rate_limit::{ApiKey, Limit, Limits, Quota, RateLimitLayer};

/// The paused time of tokio.
#[derive(Clone, Debug)]
struct Paused(Instant);

impl Clock for Paused {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

type Body = ReplayBody<Empty<Bytes>>;
type Gateway = BoxCloneService<Request<Body>, Response<String>, Infallible>;
type Client = BoxCloneService<Request<Empty<Bytes>>, Response<String>, BoxError>;

/// A gateway that allows 50 requests a second, and takes 20 ms for each. It notes when requests come.
fn gateway(came: Arc<Mutex<Vec<Instant>>>, style: HeaderStyle) -> Gateway {
    let limit = Limit::new(Quota::per_second(50), ApiKey);
    let store = MemoryStore::new(64).with_clock(Paused(Instant::now()));
    let limits = Limits::from(limit).with_header_style(style);
    let layer = RateLimitLayer::new(limits).with_store(store);
    let limited = layer.layer(service_fn(async |_| {
        Ok::<_, Infallible>(Response::new(String::new()))
    }));
    BoxCloneService::new(service_fn(move |request| {
        let (came, limited) = (came.clone(), limited.clone());
        async move {
            sleep(Duration::from_millis(10)).await;
            came.lock().unwrap().push(Instant::now());
            let response = limited.oneshot(request).await;
            sleep(Duration::from_millis(10)).await;
            response
        }
    }))
}

struct Figures {
    successes: usize,
    /// Requests for each success.
    cost: f64,
    /// The most requests in 100 ms after the first second.
    peak: usize,
}

/// Each of 500 tasks makes so many requests, one after another, with the client and the token of its number.
async fn herd<C>(
    rounds: usize,
    style: HeaderStyle,
    clients: impl FnOnce(Gateway) -> C,
    token: impl Fn(usize) -> usize,
) -> Figures
where
    C: Fn() -> Client,
{
    let came = Arc::default();
    let client = clients(gateway(Arc::clone(&came), style));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..500 {
        let (client, token) = (client(), token(number).to_string());
        tasks.spawn(async move {
            let mut successes = 0;
            for _ in 0..rounds {
                let request = Request::get("http://gateway/").header("x-api-key", "k");
                let request = request.header("authorization", &token);
                let request = request.body(Empty::new()).unwrap();
                let response = client.clone().oneshot(request).await.unwrap();
                successes += usize::from(response.status() == StatusCode::OK);
            }
            successes
        });
    }
    let successes = tasks.join_all().await.into_iter().sum::<usize>();
    let came = came.lock().unwrap();
    let late = |at: &&Instant| **at > start + Duration::from_secs(1);
    let late: Vec<_> = came.iter().filter(late).collect();
    let width = |count: usize| {
        let mut widths = late.windows(count).map(|some| *some[count - 1] - *some[0]);
        widths.any(|width| width < Duration::from_millis(100))
    };
    Figures {
        successes,
        cost: came.len() as f64 / successes as f64,
        peak: (1..=late.len()).take_while(|count| width(*count)).count(),
    }
}

/// The clones of one client.
fn shared(layer: RetryLayer) -> impl FnOnce(Gateway) -> Box<dyn Fn() -> Client> {
    move |gateway| {
        let client = BoxCloneService::new(layer.layer(gateway));
        Box::new(move || client.clone())
    }
}

fn independent(gateway: Gateway) -> impl Fn() -> Client {
    move || BoxCloneService::new(RetryLayer::new().layer(gateway.clone()))
}

#[tokio::test(start_paused = true)]
async fn tasks_that_share_a_client_keep_to_the_limit_of_the_server() {
    // The 500 requests of the first moment are in flight before the first is refused.
    for (rounds, style, cost) in [
        (1, HeaderStyle::IETF, 1.9),
        (10, HeaderStyle::X_RATE_LIMIT, 1.1),
        (10, HeaderStyle::IETF, 1.1),
    ] {
        let herd = herd(rounds, style, shared(RetryLayer::new()), |_| 0).await;

        assert_eq!(herd.successes, 500 * rounds);
        assert!(herd.cost <= cost + 0.02, "{} {style:?}", herd.cost);
        assert!(herd.peak <= 15, "{} {style:?}", herd.peak);
    }
}

// Each knows only of its own refusals, so that most requests of the first seconds are refused.
#[tokio::test(start_paused = true)]
async fn independent_clients_and_credentials_wait_long_enough_to_be_accepted() {
    let style = HeaderStyle::IETF;
    for herd in [
        herd(10, style, independent, |_| 0).await,
        herd(10, style, shared(RetryLayer::new()), |number| number).await,
    ] {
        assert!(herd.successes > 4000, "{}", herd.successes);
        assert!(herd.cost <= 2.6, "{}", herd.cost);
    }
}
