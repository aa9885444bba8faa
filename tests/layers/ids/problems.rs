//! By what the body of an error can be found again.

use std::convert::Infallible;

use http::{Request, Response};
use serde_json::{Value, json};
use tower::{ServiceBuilder, service_fn};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge_tests::oneshot;

const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";

/// The members by which the error of a request with this `traceparent` names its request.
async fn ids(format: ProblemDetails, parent: &str) -> [Value; 2] {
    let service = ServiceBuilder::new()
        .layer(CorrelationIdLayer::new())
        .layer(EnvelopeLayer::new(format))
        .service(service_fn(async |_: Request<()>| {
            let response = Response::builder().status(404).body(String::new());
            Ok::<_, Infallible>(response.unwrap())
        }));
    let request = Request::get("/")
        .header("x-correlation-id", "req_1")
        .header("traceparent", parent);
    let response = oneshot(service, request.body(()).unwrap()).await;
    let body: Value = serde_json::from_str(response.text()).unwrap();
    ["correlation_id", "trace_id"].map(|name| body[name].clone())
}

#[tokio::test]
async fn an_error_names_its_request_and_its_trace() {
    let format = ProblemDetails::new()
        .with_trace_id()
        .with_member("correlation_id", |_, context| {
            Some(context.correlation_id()?.as_str().into())
        });
    let format = format.unwrap();
    let parent = format!("00-{TRACE_ID}-b7ad6b7169203331-01");

    let named = ids(format.clone(), &parent).await;
    let without_trace = ids(format, "00-0-0-01").await;
    let plain = ids(ProblemDetails, &parent).await;

    assert_eq!(named, [json!("req_1"), json!(TRACE_ID)]);
    assert_eq!(without_trace, [json!("req_1"), Value::Null]);
    assert_eq!(plain, [Value::Null, Value::Null]);
}
