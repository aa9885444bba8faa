use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use tokio::time::sleep;
use tower::limit::ConcurrencyLimitLayer;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceExt, service_fn};
use tower_edge_core::Deadline;
use tower_layer::Layer;

use super::*;
use crate::client::retry::{ReplayBody, RetryLayer};

type Client = BoxCloneSyncService<Request<Empty<Bytes>>, Response<String>, BoxError>;

/// A client of a server that takes as long for a request as its fields `takes` and `wait` say, in seconds, and then
/// refuses it for that wait if there is one.
fn client(layer: &RetryLayer) -> Client {
    let server = service_fn(async |request: Request<ReplayBody<Empty<Bytes>>>| {
        let field = |name| {
            let value = request.headers().get(name)?;
            value.to_str().ok()?.parse().ok()
        };
        sleep(Duration::from_secs(field("takes").unwrap_or(0))).await;
        let mut response = Response::new(String::new());
        if let Some(wait) = field("wait") {
            *response.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert("retry-after", wait.into());
        }
        Ok::<_, BoxError>(response)
    });
    let server = ConcurrencyLimitLayer::new(2).layer(server);
    BoxCloneSyncService::new(layer.layer(server))
}

fn once() -> RetryLayer {
    RetryLayer::new().with_max_retries(0)
}

fn get(uri: &str, fields: &[(&str, &str)]) -> Request<Empty<Bytes>> {
    let mut request = Request::get(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Empty::new()).unwrap()
}

fn refused(uri: &str, wait: &str) -> Request<Empty<Bytes>> {
    get(uri, &[("wait", wait)])
}

/// How long a request takes.
async fn time(client: &Client, request: Request<Empty<Bytes>>) -> Duration {
    let start = Instant::now();
    client.clone().oneshot(request).await.unwrap();
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_the_same_path_server_and_credential() {
    for (request, is_held) in [
        (get("http://a/login", &[]), true),
        (get("http://a/login?x=1", &[]), true),
        (get("http://a/media", &[]), false),
        (get("http://b/login", &[]), false),
        (get("http://a/login", &[("authorization", "b")]), false),
        (get("http://a/login", &[("x-api-key", "b")]), false),
        (get("http://a/login", &[("cookie", "session=b")]), false),
    ] {
        let client = client(&once());
        time(&client, refused("http://a/login", "2")).await;
        let shown = format!("{request:?}");

        let waited = time(&client, request).await;

        assert_eq!(waited >= Duration::from_secs(2), is_held, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn services_of_a_layer_and_clients_without_pacing_hold_nobody() {
    let unpaced = client(&once().with_pacing(false));
    let layer = once();
    for (first, second) in [(unpaced.clone(), unpaced), (client(&layer), client(&layer))] {
        time(&first, refused("/", "2")).await;

        assert_eq!(time(&second, get("/", &[])).await, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_path_that_is_refused_holds_all() {
    let client = client(&once());
    for path in ["/1", "/2"] {
        time(&client, refused(path, "2")).await;
    }

    assert!(time(&client, get("/3", &[])).await >= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_slows_nobody_down_after_its_wait() {
    let client = client(&once());
    time(&client, refused("/", "2")).await;
    sleep(Duration::from_secs(2)).await;

    for _ in 0..20 {
        assert_eq!(time(&client, get("/", &[])).await, Duration::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_longest_holds_nobody_later() {
    let client = client(&once());
    time(&client, refused("/", "86400")).await;
    sleep(Duration::from_secs(86390)).await;

    assert_eq!(time(&client, get("/", &[])).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_pace_makes_no_announced_wait_shorter() {
    let client = client(&RetryLayer::new());
    let request = get("/", &[("takes", "1"), ("wait", "86400")]);
    let response = tokio::spawn(client.clone().oneshot(request));
    tokio::task::yield_now().await;
    let mut meanwhile = refused("/", "5");
    *meanwhile.method_mut() = http::Method::POST;
    time(&client, meanwhile).await;

    let response = response.await.unwrap().unwrap();

    assert_eq!(response.extensions().get(), Some(&crate::Attempts(1)));
}

#[tokio::test(start_paused = true)]
async fn requests_are_sent_at_the_interval_of_the_policy() {
    let server = service_fn(async |request: Request<ReplayBody<Empty<Bytes>>>| {
        let is_first = request.uri().path() == "/" && !request.headers().contains_key("later");
        let response = Response::builder().status(if is_first { 429 } else { 200 });
        let response = response.header("ratelimit-policy", "\"a\";q=2;w=1");
        response.header("retry-after", "1").body(String::new())
    });
    let client = once().layer(server);
    client.clone().oneshot(get("/", &[])).await.unwrap();
    let start = Instant::now();

    let calls = (0..10).map(|_| client.clone().oneshot(get("/", &[("later", "")])));
    futures_util::future::join_all(calls).await;

    // The first waits for a second, and the tenth for nine intervals more.
    let took = start.elapsed().as_secs_f64();
    assert!((5.5..5.7).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_would_wait_beyond_its_deadline_is_sent_at_once() {
    let client = client(&once());
    time(&client, refused("/", "5")).await;
    let mut request = get("/", &[]);
    let deadline = Deadline::after(Instant::now().into_std(), Duration::from_secs(4)).unwrap();
    request.extensions_mut().insert(deadline);

    assert_eq!(time(&client, request).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_a_refusal_puts_off_beyond_its_deadline_is_given_up() {
    let client = client(&RetryLayer::new());
    let mut request = refused("/", "2");
    let deadline = Deadline::after(Instant::now().into_std(), Duration::from_secs(5)).unwrap();
    request.extensions_mut().insert(deadline);
    let meanwhile = get("/", &[("takes", "1"), ("wait", "20")]);
    let meanwhile = tokio::spawn(client.clone().oneshot(meanwhile));
    tokio::task::yield_now().await;
    let start = Instant::now();

    let response = client.clone().oneshot(request).await.unwrap();

    assert_eq!(response.status(), 429);
    assert_eq!(response.extensions().get(), Some(&crate::Attempts(1)));
    assert!(start.elapsed() < Duration::from_secs(3));
    meanwhile.abort();
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_given_up_that_its_client_is_not_ready_for_before_the_deadline() {
    let client = client(&RetryLayer::new());
    let mut request = refused("/", "2");
    let deadline = Deadline::after(Instant::now().into_std(), Duration::from_secs(5)).unwrap();
    request.extensions_mut().insert(deadline);
    let refused = tokio::spawn(client.clone().oneshot(request));
    sleep(Duration::from_secs(1)).await;
    for path in ["/1", "/2"] {
        tokio::spawn(client.clone().oneshot(get(path, &[("takes", "9")])));
    }

    let response = refused.await.unwrap().unwrap();

    assert_eq!(response.extensions().get(), Some(&crate::Attempts(1)));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_takes_no_place_of_another() {
    let client = client(&once());
    time(&client, refused("/", "2")).await;
    for _ in 0..2 {
        tokio::spawn(client.clone().oneshot(get("/", &[])));
    }
    tokio::task::yield_now().await;

    assert_eq!(time(&client, get("/other", &[])).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_full_map_forgets_what_is_over_and_else_holds_nobody() {
    let client = client(&once());
    for number in 0..MAX_PACES {
        time(&client, refused(&format!("http://{number}/"), "2")).await;
    }

    time(&client, refused("http://a/", "2")).await;
    assert_eq!(time(&client, get("http://a/", &[])).await, Duration::ZERO);
    sleep(Duration::from_secs(3)).await;
    time(&client, refused("http://a/", "2")).await;

    assert!(time(&client, get("http://a/", &[])).await >= Duration::from_secs(2));
}
