//! A service that calls another one: it sends the id of the request along, and sends a call again that was refused.
//!
//! `cargo run -p tower-edge --example client_with_retries --features axum,client,http-client`, and then:
//!
//! ```console
//! $ curl -i localhost:3000/ -H 'x-correlation-id: order-7'   # takes a second, as the upstream says
//! HTTP/1.1 200 OK
//! x-correlation-id: order-7
//! …
//! received order-7
//! ```

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use http::{StatusCode, Uri};
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt, util::BoxCloneSyncService};
use tower_edge::client::correlation_id::PropagateCorrelationIdLayer;
use tower_edge::client::retry::{ReplayBody, RetryLayer};
use tower_edge::correlation_id::{CorrelationId, CorrelationIdLayer};
use tower_edge::envelope::{EnvelopeLayer, format::ProblemDetails, problem_of};
use tower_edge::http_client::HttpClient;
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{BoxError, Edge, Problem};

type Client = BoxCloneSyncService<Request, Response, BoxError>;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let listener = TcpListener::bind("127.0.0.1:3001").await?;
    tokio::spawn(async { axum::serve(listener, upstream()).await });
    let client = ServiceBuilder::new()
        .map_response(|response: http::Response<_>| response.map(Body::new))
        .map_err(BoxError::from)
        .service(HttpClient::new());
    let app = app(client_of(BoxCloneSyncService::new(client)));
    Ok(axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?)
}

fn client_of(inner: Client) -> Client {
    let client = ServiceBuilder::new()
        .layer(PropagateCorrelationIdLayer::new())
        .map_response(|response: http::Response<_>| response.map(Body::new))
        .layer(RetryLayer::new())
        // Inside of the retries: each attempt has a second.
        .layer(UpstreamTimeoutLayer::new(Duration::from_secs(1)))
        .map_request(|request: http::Request<ReplayBody<Body>>| request.map(Body::new))
        .service(inner);
    BoxCloneSyncService::new(client)
}

fn app(client: Client) -> Router {
    let edge = Edge::new()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(ProblemDetails));
    let call = get(call).with_state(client);
    Router::new().route("/", call).layer(edge)
}

async fn call(State(client): State<Client>) -> Result<Response, Problem> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = Uri::from_static("http://127.0.0.1:3001/");
    client.oneshot(request).await.map_err(problem_of)
}

/// It refuses every other request for a second, and else responds with the id that it has received.
fn upstream() -> Router {
    static REQUESTS: AtomicUsize = AtomicUsize::new(0);
    let handler = async |id: CorrelationId| match REQUESTS.fetch_add(1, Relaxed) % 2 {
        0 => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")]).into_response(),
        _ => format!("received {id}\n").into_response(),
    };
    let routes = Router::new().route("/", get(handler));
    routes.layer(CorrelationIdLayer::new())
}

#[cfg(test)]
#[tokio::test(start_paused = true)]
async fn a_refused_call_is_sent_again_after_the_wait_with_the_same_id() {
    use tower_edge::Attempts;
    use tower_edge_tests::oneshot;

    let begun = tokio::time::Instant::now();
    let inner = ServiceBuilder::new().map_err(BoxError::from);
    let inner = BoxCloneSyncService::new(inner.service(upstream()));
    let request = Request::get("/").header("x-correlation-id", "order-7");
    let app = app(client_of(inner));

    let response = oneshot(app, request.body(Body::empty()).unwrap()).await;

    assert_eq!(response.text(), "received order-7\n");
    assert_eq!(response.extension::<Attempts>().0, 2);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}
