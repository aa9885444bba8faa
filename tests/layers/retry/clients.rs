//! Real clients under the layer for retries.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tonic::transport::Endpoint;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_edge::Attempts;
use tower_edge::client::retry::RetryLayer;
use tower_edge_tests::serve;

/// A server that refuses the first request, and returns the body of others.
async fn upstream() -> String {
    let refused = Arc::new(AtomicBool::new(false));
    let service = service_fn(move |request: Request<Incoming>| {
        let is_first = !refused.swap(true, Ordering::Relaxed);
        async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let mut response = Response::new(Full::new(body));
            if is_first {
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
            Ok::<_, Infallible>(response)
        }
    });
    format!("http://{}/", serve(service).await)
}

fn request<B>(uri: String, body: B) -> Request<B> {
    Request::put(uri).body(body).unwrap()
}

#[tokio::test]
async fn a_pooled_client_of_hyper_util_takes_the_layer() {
    let client = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http());
    let request = request(upstream().await, Full::new(Bytes::from("hello")));

    let response = client.oneshot(request).await.unwrap();

    assert_eq!(response.extensions().get(), Some(&Attempts(2)));
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "hello");
}

#[tokio::test]
async fn reqwest_takes_the_layer_through_tower() {
    let client = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .map_request(|request: Request<_>| {
            let request = request.map(reqwest::Body::wrap);
            reqwest::Request::try_from(request).unwrap()
        })
        .map_response(Response::<reqwest::Body>::from)
        .service(reqwest::Client::new());
    let request = request(upstream().await, reqwest::Body::from("hello"));

    let response = client.oneshot(request).await.unwrap();

    assert_eq!(response.extensions().get(), Some(&Attempts(2)));
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "hello");
}

#[tokio::test]
async fn a_channel_of_tonic_takes_the_layer() {
    let uri = upstream().await;
    let channel = Endpoint::from_shared(uri.clone()).unwrap().connect_lazy();
    let client = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .map_request(|request: Request<_>| request.map(tonic::body::Body::new))
        .service(channel);
    let body = tonic::body::Body::new(Full::<Bytes>::from("hello"));

    let response = client.oneshot(request(uri, body)).await.unwrap();

    assert_eq!(response.extensions().get(), Some(&Attempts(2)));
    let body = response.into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "hello");
}

#[tokio::test]
async fn a_generated_client_of_tonic_takes_the_layer() {
    let channel = Endpoint::from_static("http://127.0.0.1:9").connect_lazy();
    let service = ServiceBuilder::new()
        .layer(RetryLayer::new().with_max_retries(0))
        .map_request(|request: Request<_>| request.map(tonic::body::Body::new))
        .service(channel);

    let mut client = tonic::client::Grpc::new(service);

    client.ready().await.unwrap();
}
