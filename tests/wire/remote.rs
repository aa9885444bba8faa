//! What clients read of an upstream's errors on a real connection.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use tower::{BoxError, ServiceBuilder, ServiceExt};
use tower_edge::client::decode::{RemoteProblem, decode};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::{Kind, Problem};
use tower_edge_formats::PlexMcp;
use tower_edge_tests::{in_time, serve};

async fn upstream() -> SocketAddr {
    let limited = async || {
        let problem = Problem::new(Kind::RateLimited);
        Err::<&str, _>(problem.with_retry_after(Duration::from_secs(7)))
    };
    let router = Router::new()
        .route("/limited", get(limited))
        .route("/ok", get(async || "served"))
        .layer(EnvelopeLayer::new(PlexMcp))
        .layer(CorrelationIdLayer::new());
    serve(router).await
}

fn assert_limited(remote: &RemoteProblem) {
    assert_eq!(
        (remote.status().as_u16(), remote.kind()),
        (429, Kind::RateLimited)
    );
    assert_eq!(remote.code(), Some("rate_limited"));
    assert_eq!(remote.message(), Some("Too many requests"));
    assert_eq!(remote.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(
        remote.correlation_id().map(|id| id.as_str().len()),
        Some(32)
    );
}

#[tokio::test]
async fn hyper_utils_client_reads_an_error_and_keeps_a_success() {
    let address = upstream().await;
    let client = legacy::Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let call = async |path: &str| {
        let request = Request::get(format!("http://{address}{path}"));
        let request = request.body(Empty::new()).unwrap();
        decode(in_time(client.request(request)).await.unwrap()).await
    };

    let limited = call("/limited").await.unwrap_err();
    let served = call("/ok").await.unwrap();
    // As a layer.
    let client = ServiceBuilder::new()
        .and_then(async |response| decode(response).await.map_err(BoxError::from))
        .service(client.clone());
    let request = Request::get(format!("http://{address}/limited"));
    let request = request.body(Empty::new()).unwrap();
    let error = in_time(client.oneshot(request)).await.unwrap_err();

    assert_limited(&limited);
    assert_limited(error.downcast_ref().unwrap());
    assert_eq!(
        served.into_body().collect().await.unwrap().to_bytes(),
        "served"
    );
}

#[tokio::test]
async fn reqwest_reads_an_error_and_keeps_a_success() {
    let address = upstream().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = async |path: &str| {
        let response = client.get(format!("http://{address}{path}")).send();
        let response = Response::from(in_time(response).await.unwrap());
        decode(response).await.map(reqwest::Response::from)
    };

    let limited = call("/limited").await.unwrap_err();
    let served = call("/ok").await.unwrap();

    assert_limited(&limited);
    assert_eq!(served.text().await.unwrap(), "served");
}
