//! connectrpc's service: Connect in all four kinds, and gRPC.

use std::future::pending;
use std::net::SocketAddr;

use axum::body::Body;
use buffa_types::google::protobuf::StringValue;
use connectrpc::{
    ConnectRpcService, RequestContext, Response, Router, ServiceResult, ServiceStream,
    bidi_streaming_handler_fn, client_streaming_handler_fn, handler_fn, streaming_handler_fn,
};
use http::{Method, Request};
use tokio_stream::{StreamExt, iter};
use tower_edge::Head;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::envelope::{EnvelopeLayer, Format};
use tower_edge_formats::Connect;
use tower_edge_tests::Protocol;

use crate::call::{Call, Outcomes};
use crate::handlers::LARGE;
use crate::host::Host;
use crate::stack::stack;

static CONNECT: Connect = Connect::new();

fn format(head: Head<'_>) -> &'static dyn Format {
    CONNECT.select(head).unwrap_or(&ProblemDetails)
}

async fn unary(_: RequestContext, message: StringValue) -> ServiceResult<StringValue> {
    Response::ok(message)
}

async fn client(
    _: RequestContext,
    mut messages: ServiceStream<StringValue>,
) -> ServiceResult<StringValue> {
    let mut last = StringValue::default();
    while let Some(message) = messages.next().await {
        last = message?;
    }
    Response::ok(last)
}

async fn server(
    _: RequestContext,
    message: StringValue,
) -> ServiceResult<ServiceStream<StringValue>> {
    Response::ok(Box::pin(iter([Ok(message.clone()), Ok(message)])))
}

async fn bidi(
    _: RequestContext,
    messages: ServiceStream<StringValue>,
) -> ServiceResult<ServiceStream<StringValue>> {
    Response::ok(messages)
}

async fn large(_: RequestContext, _: StringValue) -> ServiceResult<StringValue> {
    Response::ok(StringValue::from(LARGE.to_owned()))
}

async fn slow(_: RequestContext, _: StringValue) -> ServiceResult<StringValue> {
    pending().await
}

fn router() -> Router {
    Router::new()
        .route_idempotent("a.Echo", "Unary", handler_fn(unary))
        .route_client_stream("a.Echo", "Client", client_streaming_handler_fn(client))
        .route_server_stream("a.Echo", "Server", streaming_handler_fn(server))
        .route_bidi_stream("a.Echo", "Bidi", bidi_streaming_handler_fn(bidi))
        .route("a.Echo", "Large", handler_fn(large))
        .route("a.Echo", "Slow", handler_fn(slow))
}

async fn start() -> SocketAddr {
    let service = stack!(EnvelopeLayer::select_fn(format))
        // Its errors have to be of a type that is an `Error`.
        .map_request(|request: Request<_>| request.map(Body::new))
        .service(ConnectRpcService::new(router()));
    tower_edge_tests::serve(service).await
}

/// <https://connectrpc.com/docs/protocol#unary-request>
fn unary_call(method: &str) -> Call {
    let path = format!("/a.Echo/{method}");
    let call = Call::post(&path, "application/json", "\"hello\"");
    call.with("connect-protocol-version", "1")
        .with_outcomes(Outcomes {
            outdated: "400",
            invalid: "400",
            stalled: "504",
            content_type: "application/json",
            ..Outcomes::HTTP
        })
}

/// <https://connectrpc.com/docs/protocol#streaming-request>
fn streaming_call(method: &str) -> Call {
    let content_type = "application/connect+json";
    let message = b"\0\0\0\0\x07\"hello\"";
    Call::post(&format!("/a.Echo/{method}"), content_type, &message[..]).with_outcomes(Outcomes {
        allowed: "200",
        malformed_version: "200",
        outdated: "200",
        too_many: "200",
        invalid: "200",
        unavailable: "200",
        stalled: "200",
        slow: "200",
        content_type,
    })
}

#[tokio::test]
async fn the_layers_hold_around_a_service_of_connectrpc() {
    let query = "connect=v1&encoding=json&message=%22hello%22";
    let mut get = Call::get(&format!("/a.Echo/Unary?{query}"));
    get.outcomes = unary_call("Unary").outcomes;
    let calls = vec![
        unary_call("Unary"),
        get,
        streaming_call("Client"),
        streaming_call("Server"),
        streaming_call("Bidi").over(Protocol::Http2),
    ];
    let mut host = Host::new(|| Box::pin(start()), calls, unary_call("Unary"));
    host.slow = vec![unary_call("Slow").with("x-request-timeout-ms", "50")];
    host.own = vec![
        (unary_call("Nothing"), "404", "application/json"),
        (
            unary_call("Unary").with_method(Method::DELETE),
            "405",
            "application/json",
        ),
    ];
    host.large = Some(unary_call("Large"));
    host.except("head", None, "expected 200", "Connect has no HEAD")
        .verify()
        .await;
}
