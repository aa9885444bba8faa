//! Real clients under the layer for retries.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

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

// RFC 9110, section 9.2.2: a request that was never sent may be sent again whatever its method.
#[tokio::test(start_paused = true)]
async fn a_post_is_sent_again_when_no_connection_was_made() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = attempts.clone();
    let client = ServiceBuilder::new()
        .layer(RetryLayer::new())
        .map_request(move |request: Request<_>| {
            counted.fetch_add(1, Ordering::Relaxed);
            request
        })
        .service(Client::builder(TokioExecutor::new()).build_http());
    let post = Request::post(closed).body(Full::new(Bytes::from("hello")));

    client.oneshot(post.unwrap()).await.unwrap_err();

    assert_eq!(attempts.load(Ordering::Relaxed), 4);
}

// A response that is not read costs its connection.
#[tokio::test]
async fn retries_use_the_connections_of_refused_requests() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicU32::new(0));
    let accepted = connections.clone();
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            accepted.fetch_add(1, Ordering::Relaxed);
            let service = service_fn(|request: Request<Incoming>| async move {
                let is_refused = request.headers().contains_key("refused");
                let mut response = Response::new(Full::new(Bytes::from("wait")));
                if is_refused {
                    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                }
                Ok::<_, Infallible>(response)
            });
            let service = hyper_util::service::TowerToHyperService::new(service);
            let io = hyper_util::rt::TokioIo::new(stream);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
        }
    });
    let client = ServiceBuilder::new()
        .layer(RetryLayer::new().with_max_wait(Duration::from_millis(1)))
        .service(Client::builder(TokioExecutor::new()).build_http());

    for _ in 0..5 {
        let request = Request::get(&uri).header("refused", "");
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let response = client.clone().oneshot(request).await.unwrap();
        assert_eq!(response.extensions().get(), Some(&Attempts(4)));
        response.into_body().collect().await.unwrap();
    }

    // Twenty requests: one connection is read to its end while the next attempt has another.
    assert!(connections.load(Ordering::Relaxed) <= 4);
    server.abort();
}
