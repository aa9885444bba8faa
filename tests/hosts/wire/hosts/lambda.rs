//! lambda_http, behind what stands for API Gateway here: it makes an event of each request, and a response of what the
//! function returns.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::VARY;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, IntoResponse, LambdaEvent};
use serde_json::{Map, Value, json};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::BoxError;
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge_tests::Protocol;

use crate::handlers;
use crate::hosts::rest;
use crate::stack::stack;

async fn start() -> SocketAddr {
    let function = ServiceBuilder::new()
        .map_response(joined)
        .layer(stack!(EnvelopeLayer::new(ProblemDetails)).into_inner())
        .service(service_fn(handlers::serve));
    tower_edge_tests::serve(service_fn(move |request| invoke(function.clone(), request))).await
}

/// As `lambda_http::run` calls the function (payload format 2.0,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
async fn invoke<S, R>(
    function: S,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, BoxError>
where
    S: Service<lambda_http::Request, Response = R, Error: Into<BoxError>, Future: Send>,
    R: IntoResponse,
{
    let (parts, body) = request.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = value.to_str().unwrap_or_default();
        (name.to_string(), Value::from(value))
    });
    let body = body.collect().await?.to_bytes();
    let event = json!({
        "version": "2.0",
        "rawPath": parts.uri.path(),
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers.collect::<Map<_, _>>(),
        "requestContext": {
            "http": {"method": parts.method.as_str(), "path": parts.uri.path()},
            "stage": "$default",
        },
        "body": String::from_utf8(body.to_vec())?,
        "isBase64Encoded": false,
    });
    let payload: LambdaRequest = serde_json::from_value(event)?;
    let adapter = Adapter::from(function);
    let event = LambdaEvent::new(payload, Context::default());
    let returned = adapter.oneshot(event).await.map_err(Into::into)?;

    let returned = serde_json::to_value(returned)?;
    let body = returned["body"].as_str().unwrap_or_default();
    let body = if returned["isBase64Encoded"] == true {
        STANDARD.decode(body)?
    } else {
        body.as_bytes().to_vec()
    };
    let is_head = parts.method == Method::HEAD;
    let mut response = Response::new(Full::from(if is_head { Vec::new() } else { body }));
    let status = returned["statusCode"].as_u64().unwrap_or_default();
    *response.status_mut() = u16::try_from(status)?.try_into()?;
    for (name, value) in returned["headers"].as_object().into_iter().flatten() {
        // https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
        if name != "connection" && name != "upgrade" {
            let value = HeaderValue::from_str(value.as_str().unwrap_or_default())?;
            let name = HeaderName::try_from(name)?;
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

/// A response with the values of `Vary` in one field, as an event has one value for a name and lambda_http keeps the
/// first.
fn joined<B>(mut response: Response<B>) -> Response<B> {
    let values = response.headers().get_all(VARY).iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    if let Ok(value) = HeaderValue::from_str(&values.join(", "))
        && values.len() > 1
    {
        response.headers_mut().insert(VARY, value);
    }
    response
}

#[tokio::test]
async fn the_layers_hold_in_a_function_of_lambda() {
    let mut host = rest::host(|| Box::pin(start()), "");
    // A function has neither: what it returns is one event.
    host.trailers = None;
    host.upgrade = None;
    host.stream = None;
    host.is_buffered = true;
    let reason = "API Gateway reads the request before it calls the function";
    let http_1 = Some(Protocol::Http1);
    host.except("expect, refused", http_1, "100 to POST", reason)
        .except(
            "outdated",
            http_1,
            "nothing to upgrade to",
            "API Gateway passes on no field of the connection to it",
        )
        .except("large unread body", http_1, "not said to close", reason)
        .verify()
        .await;
}
