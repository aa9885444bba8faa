//! The same layers as five services, as one `Edge`, and as two with a layer of somebody else between them.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, Response};
use tower::util::BoxCloneSyncService;
use tower::{ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, Format};
use tower_edge::rate_limit::memory::Clock;
use tower_edge::rate_limit::{MemoryStore, RateLimitLayer};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{Edge, Problem};
use tower_edge_formats::{MediaNest, PlexMcp};
use tower_edge_tests::TestResponse;

use crate::composition::case::{self, Case};
use crate::composition::requests::{get, get_as, with_field};
use crate::composition::stack::{cors, limits, version_gate};
use crate::composition::{handlers, plain};

/// Stands still, so that waits can be compared.
#[derive(Clone, Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::from_secs(1)
    }
}

fn rate_limit() -> RateLimitLayer<MemoryStore<Still>> {
    RateLimitLayer::new(limits()).with_store(MemoryStore::new(64).with_clock(Still))
}

type Service = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// One arrangement of the layers in both forms, around a function and inside of a router.
struct Arrangement {
    name: &'static str,
    singles: [Service; 2],
    edges: [Service; 2],
}

/// These layers, with CORS between the outer and the inner ones.
macro_rules! arrangement {
    ($name:literal: [$($outer:expr),*] [$($inner:expr),*]) => {{
        let singles = || {
            let stack = ServiceBuilder::new();
            stack$(.layer($outer))*.layer(cors())$(.layer($inner))*
        };
        let edges = || {
            let (outer, inner) = (Edge::new()$(.layer($outer))*, Edge::new()$(.layer($inner))*);
            ServiceBuilder::new().layer(outer).layer(cors()).layer(inner)
        };
        Arrangement { name: $name, singles: places!(singles), edges: places!(edges) }
    }};
}

/// A stack around a function, and inside of a router.
macro_rules! places {
    ($stack:ident) => {{
        let plain = ServiceBuilder::new()
            .map_response(|response: Response<_>| response.map(Body::new))
            .layer($stack())
            .service(service_fn(plain::serve));
        let inside = handlers::router().layer($stack());
        [
            BoxCloneSyncService::new(plain),
            BoxCloneSyncService::new(inside),
        ]
    }};
}

fn arrangements<F>(format: F) -> Vec<Arrangement>
where
    F: Clone + Format + Send + Sync + 'static,
{
    let id = CorrelationIdLayer::new;
    let envelope = || EnvelopeLayer::new(format.clone());
    let timeout = || UpstreamTimeoutLayer::new(Duration::from_secs(1));
    vec![
        arrangement!("outside": [] [id(), envelope(), version_gate(), rate_limit(), timeout()]),
        arrangement!("after 1": [id()] [envelope(), version_gate(), rate_limit(), timeout()]),
        arrangement!("after 2": [id(), envelope()] [version_gate(), rate_limit(), timeout()]),
        arrangement!("after 3": [id(), envelope(), version_gate()] [rate_limit(), timeout()]),
        arrangement!("after 4": [id(), envelope(), version_gate(), rate_limit()] [timeout()]),
        arrangement!("inside": [id(), envelope(), version_gate(), rate_limit(), timeout()] []),
    ]
}

/// Requests that each layer treats in its own way.
fn cases() -> Vec<Case> {
    let mut cases = case::all();
    cases.extend(case::all().into_iter().map(|mut case| {
        *case.request.method_mut() = Method::HEAD;
        case
    }));
    cases.extend(case::all().into_iter().map(|mut case| {
        case.request = with_field(case.request, "content-type", "application/grpc");
        case
    }));
    let mut preflight = with_field(get("/hello"), "access-control-request-method", "GET");
    *preflight.method_mut() = Method::OPTIONS;
    let mut repeated = get("/hello");
    for name in ["x-client-version", "x-api-key"] {
        repeated
            .headers_mut()
            .append(name, "1.2.0".parse().unwrap());
    }
    let mut many = get("/hello");
    for number in 0..60 {
        let name: http::HeaderName = format!("x-{number}").parse().unwrap();
        many.headers_mut().insert(name, "1".parse().unwrap());
    }
    let requests = [
        preflight,
        repeated,
        many,
        get_as("", "/hello"),
        get("/ids-of-its-own"),
        with_field(get("/unreachable"), "accept", "text/html"),
    ];
    cases.extend(requests.map(|request| case::case(0, request)));
    cases
}

#[tokio::test(start_paused = true)]
async fn edges_respond_as_single_layers_do_in_problem_details() {
    respond_alike(ProblemDetails).await;
}

#[tokio::test(start_paused = true)]
async fn edges_respond_as_single_layers_do_in_a_format_of_an_api() {
    respond_alike(PlexMcp).await;
}

#[tokio::test(start_paused = true)]
async fn edges_respond_as_single_layers_do_in_a_format_with_header_fields() {
    respond_alike(MediaNest).await;
}

async fn respond_alike<F>(format: F)
where
    F: Clone + Format + Send + Sync + 'static,
{
    for mut case in cases() {
        case.request = with_field(case.request, "x-correlation-id", "req_1");
        for arrangement in arrangements(format.clone()) {
            let Arrangement {
                name,
                singles,
                edges,
            } = arrangement;
            for (single, edge) in singles.into_iter().zip(edges) {
                let expected = bytes(&case.response(single, "").await);
                let found = bytes(&case.response(edge, "").await);
                assert_eq!(found, expected, "CORS {name}: {:?}", case.request);
            }
        }
    }
}

/// All that is sent, but for the id and the time of a server error, which are others each time.
fn bytes(response: &TestResponse) -> (u16, Vec<String>, String) {
    let problem = response.extensions.get::<Problem>();
    let error_id = problem.and_then(Problem::error_id);
    let mut headers = response.headers.clone();
    if error_id.is_some() {
        // They are in there too, in base64.
        headers.remove("grpc-status-details-bin");
    }
    let fields = headers.iter().chain(response.trailers.iter().flatten());
    let mut fields: Vec<String> = fields
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    fields.sort();
    let mut text = response.text().to_owned();
    if let Some(id) = error_id {
        text = text.replace(&id.to_string(), "ERROR_ID");
        if let Some((before, after)) = text.split_once(r#""timestamp":""#) {
            let rest = after.get("2026-11-28T00:00:00.000Z".len()..);
            text = format!("{before}{}", rest.unwrap_or_default());
        }
    }
    (response.status, fields, text)
}
