//! Calls upstream on behalf of a request, over a socket.

use std::convert::Infallible;
use std::fmt::Debug;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio_test::block_on;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::client::correlation_id::{PropagateCorrelationId, PropagateCorrelationIdLayer};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge_tests::serve;
use tracing::Level;

use crate::log::logged;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A server that responds with the fields of the request that are of interest; its address.
async fn upstream() -> String {
    let service = service_fn(async |request: Request<Incoming>| {
        let sent_upstream = ["x-correlation-id", "traceparent", "tracestate"].map(|name| {
            let values = request.headers().get_all(name).iter();
            let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
            values.join(" and ")
        });
        Ok::<_, Infallible>(Response::new(sent_upstream.join("|")))
    });
    format!("http://{}/", serve(service).await)
}

type TestRequest = Request<Empty<Bytes>>;

/// What the upstream receives from a handler that calls it.
async fn sent_upstream<C, B>(client: C, fields: &[(&'static str, &'static str)]) -> String
where
    C: Service<TestRequest, Response = Response<B>, Error: Debug> + Clone,
    B: Body<Error: Debug>,
{
    let upstream = upstream().await;
    let client = PropagateCorrelationIdLayer::new().layer(client);
    let handler = service_fn(move |_: Request<()>| {
        let (client, upstream) = (client.clone(), upstream.clone());
        async move {
            let request = Request::get(upstream).body(Empty::new()).unwrap();
            let received = client.oneshot(request).await.unwrap();
            let body = received.into_body().collect().await.unwrap().to_bytes();
            Ok::<_, Infallible>(Response::new(body))
        }
    });
    let service = CorrelationIdLayer::new().layer(handler);
    let mut request = Request::new(());
    for (name, value) in fields {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let response = service.oneshot(request).await.unwrap();
    String::from_utf8(response.into_body().into_inner().to_vec()).unwrap()
}

fn hyper_client() -> Client<HttpConnector, Empty<Bytes>> {
    Client::builder(TokioExecutor::new()).build_http()
}

#[tokio::test]
async fn an_upstream_is_sent_the_id_and_the_trace_of_the_request() {
    let fields = [
        ("x-correlation-id", "req_1"),
        ("traceparent", PARENT),
        ("tracestate", "a=1"),
        ("tracestate", "b=2"),
    ];

    assert_eq!(
        sent_upstream(hyper_client(), &fields).await,
        format!("req_1|{PARENT}|a=1 and b=2")
    );
}

#[tokio::test]
async fn an_upstream_is_sent_no_trace_that_is_not_valid() {
    let fields = [
        ("x-correlation-id", "req_1"),
        ("traceparent", "00-bad"),
        ("tracestate", "a=1"),
    ];

    assert_eq!(sent_upstream(hyper_client(), &fields).await, "req_1||");
}

#[test]
fn a_request_that_goes_upstream_without_an_id_is_logged_once_with_the_remedy() {
    let send = |fields: &[(&'static str, &'static str)]| {
        let upstream = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
        let mut request = Request::new(());
        for (name, value) in fields {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        let client = PropagateCorrelationIdLayer::new().layer(upstream);
        logged(Level::INFO, || {
            block_on(client.oneshot(request)).unwrap();
        })
    };

    let forwarded = send(&[("x-correlation-id", "req_1")]);
    let (first, second) = (send(&[]), send(&[]));

    assert!(forwarded.is_empty() && second.is_empty());
    assert_eq!(first.len(), 1, "{first:?}");
    let remedy = "put `CorrelationIdLayer` around the service that makes the call";
    assert!(
        first[0].contains("WARN") && first[0].contains(remedy),
        "{first:?}"
    );
}

#[tokio::test]
async fn reqwest_takes_the_layer_through_tower() {
    let client = ServiceBuilder::new()
        .map_request(|request: TestRequest| {
            let request = request.map(|_| reqwest::Body::default());
            reqwest::Request::try_from(request).unwrap()
        })
        .map_response(Response::<reqwest::Body>::from)
        .service(reqwest::Client::new());

    assert_eq!(
        sent_upstream(client, &[("x-correlation-id", "req_1")]).await,
        "req_1||"
    );
}

#[test]
fn a_tonic_channel_takes_the_layer() {
    const fn is_client<S: Service<Request<tonic::body::Body>>>() {}

    is_client::<PropagateCorrelationId<tonic::transport::Channel>>();
}
