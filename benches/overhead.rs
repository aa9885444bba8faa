//! What the five layers add to a request: the bare service, and the stack in front of it.
//!
//! `cargo bench -p tower-edge-benches` takes some ten seconds; criterion's own flags ask for more,
//! such as `--measurement-time 10`. The cost of building the request is left out, that of dropping
//! the answer is not. No event is logged.
#![expect(
    clippy::unwrap_used,
    reason = "a bench stops where something is not as arranged"
)]

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use criterion::BatchSize;
use criterion::Criterion;
use futures_util::FutureExt;
use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body_util::Full;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::service_fn;
use tower_edge::core::PeerAddress;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::ApiKey;
use tower_edge::rate_limit::ClientAddress;
use tower_edge::rate_limit::KeyOf;
use tower_edge::rate_limit::MemoryStore;
use tower_edge::rate_limit::Policy;
use tower_edge::rate_limit::RateLimitLayer;
use tower_edge::rate_limit::key_fn;
use tower_edge::upstream_timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::SemVer;
use tower_edge::version_gate::VersionGateLayer;

type Body = Full<Bytes>;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    overhead(&mut criterion);
    criterion.final_summary();
}

fn overhead(criterion: &mut Criterion) {
    let second = Duration::from_secs(1);
    let never_reached = Policy::new("second", NonZeroU32::MAX, second).unwrap();
    let once = Policy::new("decade", NonZeroU32::MIN, Policy::MAX_PERIOD).unwrap();
    let bare = service_fn(hello);
    let roomy = edge(never_reached, bare);
    let spent = edge(once, bare);
    answer(&spent, request(CURRENT));

    measure(criterion, "bare", &bare, CURRENT, StatusCode::OK);
    measure(criterion, "allowed", &roomy, CURRENT, StatusCode::OK);
    measure(
        criterion,
        "429",
        &spent,
        CURRENT,
        StatusCode::TOO_MANY_REQUESTS,
    );
    measure(
        criterion,
        "426",
        &roomy,
        OUTDATED,
        StatusCode::UPGRADE_REQUIRED,
    );
}

fn measure<S, B>(
    criterion: &mut Criterion,
    name: &str,
    service: &S,
    version: &'static str,
    status: StatusCode,
) where
    S: Clone + Service<Request<Body>, Response = Response<B>, Error = Infallible>,
{
    assert_eq!(answer(service, request(version)).status(), status, "{name}");

    criterion
        .benchmark_group("overhead")
        .bench_function(name, |bencher| {
            bencher.iter_batched(
                || request(version),
                |request| drop(answer(service, request)),
                BatchSize::SmallInput,
            );
        });
}

/// The answer of a service that waits for nothing, so that no runtime is measured with it.
fn answer<S, B>(service: &S, request: Request<Body>) -> Response<B>
where
    S: Clone + Service<Request<Body>, Response = Response<B>, Error = Infallible>,
{
    let Ok(response) = service.clone().oneshot(request).now_or_never().unwrap();
    response
}

/// The five layers in front of the service, with a store of their own.
fn edge<S>(
    policy: Policy,
    inner: S,
) -> impl Clone + Service<Request<Body>, Response = Response<impl Sized>, Error = Infallible>
where
    S: Clone + Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let address = ClientAddress::new();
    let caller = key_fn(move |head| ApiKey.key(head).or_else(|| address.key(head)));
    ServiceBuilder::new()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(VersionGateLayer::new("1.2.0".parse::<SemVer>().unwrap()))
        .layer(RateLimitLayer::new(
            MemoryStore::new(65_536),
            policy,
            caller,
        ))
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)))
        .service(inner)
}

/// What a small handler answers.
async fn hello(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut response = Response::new(Full::from("hello world"));
    let plain = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    Ok(response)
}

/// A request as a server hands it on: six fields, and the address that it came from.
fn request(version: &'static str) -> Request<Body> {
    let mut headers = HeaderMap::with_capacity(6);
    for (name, value) in [
        ("host", "a"),
        ("user-agent", "b"),
        ("accept", "*/*"),
        ("x-api-key", "k"),
        ("x-client-version", version),
        ("x-forwarded-for", "1.2.3.4"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let mut request = Request::new(Full::default());
    *request.headers_mut() = headers;
    let peer = PeerAddress(([127, 0, 0, 1], 1).into());
    request.extensions_mut().insert(peer);
    request
}

const CURRENT: &str = "1.3.0";
const OUTDATED: &str = "1.0.0";
