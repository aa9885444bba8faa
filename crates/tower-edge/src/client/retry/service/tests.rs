use std::io;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody};
use tower::retry::budget::{Budget, TpsBudget};
use tower::util::BoxCloneService;
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use tokio::time::Instant;

use super::*;
use crate::client::retry::RetryLayer;

type TestBody = http_body_util::combinators::UnsyncBoxBody<Bytes, io::Error>;
type Client = BoxCloneService<Request<TestBody>, Response<String>, BoxError>;

/// An upstream that acts by the number of the request, from 1, and reads its body first.
#[derive(Clone)]
struct Upstream {
    seen: Arc<Mutex<Vec<(Instant, Bytes)>>>,
}

impl Upstream {
    fn new() -> Self {
        Self {
            seen: Arc::default(),
        }
    }

    fn client(
        &self,
        layer: &RetryLayer,
        act: impl Fn(usize) -> Result<Response<String>, BoxError> + Clone + Send + Sync + 'static,
    ) -> Client {
        let seen = self.seen.clone();
        BoxCloneService::new(layer.layer(service_fn(
            move |request: Request<ReplayBody<TestBody>>| {
                let (seen, act) = (seen.clone(), act.clone());
                async move {
                    let at = Instant::now();
                    let body = request.into_body().collect().await?.to_bytes();
                    let number = {
                        let mut seen = seen.lock().unwrap();
                        seen.push((at, body));
                        seen.len()
                    };
                    act(number)
                }
            },
        )))
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

fn text(text: &'static str) -> TestBody {
    Full::from(text)
        .map_err(|never| match never {})
        .boxed_unsync()
}

fn request(method: Method) -> Request<TestBody> {
    let mut request = Request::new(text(""));
    *request.method_mut() = method;
    request
}

fn get() -> Request<TestBody> {
    request(Method::GET)
}

fn response(status: u16, fields: &[(&'static str, &'static str)]) -> Response<String> {
    let mut response = Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    response.body(String::new()).unwrap()
}

/// How often a request is sent to an upstream that always responds so.
async fn attempts(
    layer: &RetryLayer,
    request: Request<TestBody>,
    always: Response<String>,
) -> usize {
    let upstream = Upstream::new();
    let client = upstream.client(layer, move |_| Ok(always.clone()));
    client.oneshot(request).await.unwrap();
    upstream.count()
}

/// How often a request is sent to an upstream that always fails so.
async fn attempts_with_error(request: Request<TestBody>, kind: io::ErrorKind) -> usize {
    let upstream = Upstream::new();
    let client = upstream.client(&RetryLayer::new(), move |_| {
        Err(io::Error::from(kind).into())
    });
    client.oneshot(request).await.unwrap_err();
    upstream.count()
}

// RFC 9110, section 9.2.2: idempotent methods.
#[tokio::test(start_paused = true)]
async fn only_idempotent_requests_are_sent_again() {
    let layer = RetryLayer::new();
    for (method, sent) in [
        (Method::GET, 4),
        (Method::HEAD, 4),
        (Method::OPTIONS, 4),
        (Method::PUT, 4),
        (Method::DELETE, 4),
        (Method::POST, 1),
        (Method::PATCH, 1),
    ] {
        let attempts = attempts(&layer, request(method.clone()), response(503, &[])).await;

        assert_eq!(attempts, sent, "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_is_sent_again_if_its_key_or_the_user_says_so() {
    let mut keyed = request(Method::POST);
    keyed
        .headers_mut()
        .insert("idempotency-key", "k".parse().unwrap());
    let by_path = RetryLayer::new().with_idempotent(|head| head.uri.path() == "/");

    assert_eq!(
        attempts(&RetryLayer::new(), keyed, response(503, &[])).await,
        4
    );
    assert_eq!(
        attempts(&by_path, request(Method::POST), response(503, &[])).await,
        4
    );
}

#[tokio::test(start_paused = true)]
async fn statuses_are_429_and_503_or_as_chosen() {
    let chosen = RetryLayer::new().with_status(StatusCode::BAD_GATEWAY);
    for (status, by_default, if_chosen) in [
        (200, 1, 1),
        (404, 1, 1),
        (429, 4, 4),
        (500, 1, 1),
        (502, 1, 4),
        (503, 4, 4),
        (504, 1, 1),
    ] {
        let sent = attempts(&RetryLayer::new(), get(), response(status, &[])).await;
        assert_eq!(sent, by_default, "{status}");
        let sent = attempts(&chosen, get(), response(status, &[])).await;
        assert_eq!(sent, if_chosen, "{status}");
    }
}

// gRFC A6: a status in the header fields, without messages, is retried.
#[tokio::test(start_paused = true)]
async fn a_refusal_of_grpc_is_retried_unless_its_pushback_forbids_that() {
    for (status, pushback, sent) in [
        ("8", "10", 4),
        ("14", "10", 4),
        ("14", "-1", 1),
        ("14", "soon", 1),
        ("0", "10", 1),
        ("4", "10", 1),
    ] {
        let fields = [
            ("grpc-status", status),
            ("grpc-retry-pushback-ms", pushback),
        ];

        let attempts = attempts(&RetryLayer::new(), get(), response(200, &fields)).await;

        assert_eq!(attempts, sent, "{fields:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_announced_wait_is_waited_and_a_random_part_is_added() {
    for pacing in [true, false] {
        let upstream = Upstream::new();
        let layer = RetryLayer::new().with_pacing(pacing);
        let client = upstream.client(&layer, |number| {
            Ok(response(
                if number == 1 { 429 } else { 200 },
                &[("retry-after", "2")],
            ))
        });
        let start = Instant::now();

        let response = client.oneshot(get()).await.unwrap();

        let took = start.elapsed().as_secs_f64();
        assert!(took > 2.0 && took < 3.1, "{took}");
        assert_eq!(response.extensions().get(), Some(&Attempts(2)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_longest_wait_is_that_of_what_is_announced_without_the_random_part() {
    let short = RetryLayer::new().with_max_wait(Duration::from_millis(100));
    let busy = |wait| response(429, &[("retry-after", wait)]);
    let soon = Deadline::after(Instant::now().into_std(), Duration::from_millis(4010)).unwrap();
    let mut with_deadline = get();
    with_deadline.extensions_mut().insert(soon);

    let sent = [
        attempts(&RetryLayer::new(), with_deadline, busy("4")).await,
        attempts(&short, get(), response(503, &[])).await,
        attempts(&RetryLayer::new(), get(), busy("30")).await,
    ];

    assert_eq!(sent, [2, 4, 4]);
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_the_backoff() {
    for value in ["0", "Tue, 14 Nov 2023 22:13:23 GMT"] {
        let start = Instant::now();

        let sent = attempts(
            &RetryLayer::new(),
            get(),
            response(429, &[("retry-after", value)]),
        )
        .await;

        assert_eq!(sent, 4);
        assert!(start.elapsed() >= Duration::from_millis(700), "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_without_announcement_doubles() {
    let upstream = Upstream::new();
    let client = upstream.client(&RetryLayer::new(), |_| Ok(response(503, &[])));

    client.oneshot(get()).await.unwrap();

    let seen = upstream.seen.lock().unwrap();
    let waits = seen
        .windows(2)
        .map(|pair| (pair[1].0 - pair[0].0).as_millis());
    for (wait, least) in waits.zip([100, 200, 400]) {
        assert!(
            (least..=least * 9 / 8 + 1).contains(&wait),
            "{wait} {least}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_returns_the_response_at_once() {
    let start = Instant::now();
    let soon = Deadline::after(start.into_std(), Duration::from_secs(4)).unwrap();
    let busy = || response(429, &[("retry-after", "5")]);
    let capped = RetryLayer::new().with_max_wait(Duration::from_secs(4));
    let mut with_deadline = get();
    with_deadline.extensions_mut().insert(soon);

    let sent = [
        attempts(
            &RetryLayer::new(),
            get(),
            response(429, &[("retry-after", "31")]),
        )
        .await,
        attempts(&capped, get(), busy()).await,
        attempts(&RetryLayer::new(), with_deadline, busy()).await,
        soon.within(attempts(&RetryLayer::new(), get(), busy()))
            .await,
    ];

    assert_eq!(sent, [1; 4]);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_all_clocks_is_survived() {
    let layer = RetryLayer::new().with_max_wait(Duration::MAX);
    let fields = [
        ("retry-after", "99999999999999999999"),
        ("ratelimit-policy", "\"a\";q=1;w=9999999999999999999"),
    ];
    let response = response(429, &fields);
    let day = Duration::from_secs(24 * 60 * 60);

    let sent = attempts(&layer, get(), response);

    assert!(tokio::time::timeout(day, sent).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn clones_share_a_budget_and_an_empty_one_returns_the_response() {
    let layer = RetryLayer::new().with_budget(TpsBudget::new(Duration::from_secs(60), 0, 0.5));

    let sent = [
        attempts(&layer, get(), response(503, &[])).await,
        attempts(&layer.clone(), get(), response(503, &[])).await,
        attempts(&layer.clone(), get(), response(503, &[])).await,
    ];

    assert_eq!(sent, [1, 2, 1], "two requests pay for a retry");
}

#[tokio::test(start_paused = true)]
async fn a_retry_in_a_slot_of_a_known_quota_needs_no_budget() {
    let layer = RetryLayer::new().with_budget(TpsBudget::new(Duration::from_secs(60), 0, 0.0));
    let busy = |policy| response(429, &[("retry-after", "1"), ("ratelimit-policy", policy)]);

    let sent = [
        attempts(&layer, get(), busy("\"a\";q=50;w=1")).await,
        attempts(&layer, get(), busy("\"a\"")).await,
        attempts(&layer.with_pacing(false), get(), busy("\"a\";q=50;w=1")).await,
    ];

    assert_eq!(sent, [4, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_shows_nothing_of_the_connection_is_returned() {
    for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::TimedOut] {
        assert_eq!(attempts_with_error(get(), kind).await, 1, "{kind:?}");
    }
}

// RFC 9110, section 9.2.2: a read from an established connection fails with these errors too.
#[tokio::test(start_paused = true)]
async fn an_error_of_the_system_does_not_show_that_a_request_was_not_processed() {
    for kind in [
        io::ErrorKind::AddrNotAvailable,
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::HostUnreachable,
        io::ErrorKind::NetworkDown,
        io::ErrorKind::NetworkUnreachable,
    ] {
        let sent = [
            attempts_with_error(request(Method::POST), kind).await,
            attempts_with_error(get(), kind).await,
        ];

        assert_eq!(sent, [1, 2], "{kind:?}");
    }
}

// RFC 9110, section 9.2.2: a client should not automatically retry a failed automatic retry.
#[tokio::test(start_paused = true)]
async fn a_connection_that_broke_off_is_tried_once_more_for_idempotent_requests() {
    assert_eq!(
        attempts_with_error(request(Method::PUT), io::ErrorKind::ConnectionReset).await,
        2
    );
    assert_eq!(
        attempts_with_error(request(Method::POST), io::ErrorKind::ConnectionReset).await,
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_is_sent_again_up_to_a_bound() {
    for (max, sent) in [(6, vec!["abcdef"; 4]), (5, vec!["abcdef"])] {
        for known in [true, false] {
            let upstream = Upstream::new();
            let layer = RetryLayer::new().with_max_body(max);
            let client = upstream.client(&layer, |_| Ok(response(503, &[])));
            let frames = ["abc", "def"].map(|it| Ok(http_body::Frame::data(Bytes::from(it))));
            let streamed = StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync();
            let body = if known { text("abcdef") } else { streamed };

            client
                .oneshot(Request::put("/").body(body).unwrap())
                .await
                .unwrap();

            let seen = upstream.seen.lock().unwrap();
            let seen: Vec<_> = seen.iter().map(|(_, body)| body.clone()).collect();
            assert_eq!(seen, sent);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_own_body_fails_is_not_sent_again() {
    let upstream = Upstream::new();
    let client = upstream.client(&RetryLayer::new(), |_| Ok(response(200, &[])));
    let failed = Err(io::ErrorKind::ConnectionReset.into());
    let body = StreamBody::new(futures_util::stream::iter([failed])).boxed_unsync();

    client
        .oneshot(Request::put("/").body(body).unwrap())
        .await
        .unwrap_err();

    assert_eq!(upstream.count(), 0, "each attempt reads the body first");
}

#[tokio::test(start_paused = true)]
async fn a_retry_has_the_fields_and_extensions_of_the_request() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let client = RetryLayer::new().layer(service_fn(
        move |request: Request<ReplayBody<Full<Bytes>>>| {
            let extensions = request.extensions();
            let (mark, number) = (extensions.get::<&str>().copied(), extensions.get().copied());
            let fields: HeaderMap = request.headers().clone();
            log.lock().unwrap().push((mark, number, fields.len()));
            async { Ok::<_, BoxError>(response(503, &[])) }
        },
    ));
    let request = Request::get("/").header("x-a", "1").extension("mark");

    client
        .oneshot(request.body(Full::default()).unwrap())
        .await
        .unwrap();

    let expected = [1, 2, 3, 4].map(|number| (Some("mark"), Some(Attempts(number)), 1));
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_refused_response_is_read_up_to_a_bound_so_that_its_connection_is_free() {
    for (frames, is_read) in [(3, true), (5, false)] {
        let read = Arc::new(Mutex::new(0));
        let log = read.clone();
        let client = RetryLayer::new().layer(service_fn(
            move |request: Request<ReplayBody<Full<Bytes>>>| {
                let is_first = request.extensions().get() == Some(&Attempts(1));
                let log = log.clone();
                let frames = futures_util::stream::iter(0..frames).map(move |_| {
                    *log.lock().unwrap() += 1;
                    Ok::<_, io::Error>(http_body::Frame::data(Bytes::from(vec![0; 16 * 1024])))
                });
                let response = Response::builder().status(if is_first { 503 } else { 200 });
                let response = response.body(StreamBody::new(frames));
                async {
                    tokio::task::yield_now().await;
                    response
                }
            },
        ));

        let response = client.oneshot(Request::default()).await.unwrap();

        assert_eq!(response.status(), 200);
        assert_eq!(*read.lock().unwrap() == frames, is_read, "{frames}");
    }
}

/// Counts what is deposited.
#[derive(Clone, Default)]
struct Deposits(Arc<Mutex<u32>>);

impl Budget for Deposits {
    fn deposit(&self) {
        *self.0.lock().unwrap() += 1;
    }

    fn withdraw(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_pays_into_the_budget_once() {
    let deposits = Deposits::default();
    let layer = RetryLayer::new().with_budget(deposits.clone());

    attempts(&layer, get(), response(503, &[])).await;

    assert_eq!(*deposits.0.lock().unwrap(), 1);
}
