//! The handlers without a framework: a function from request to response, with an error.

use std::future::pending;
use std::io;
use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tower_edge::BoxError;
use tower_edge::correlation_id::CorrelationId;

use crate::composition::handlers::MAX_BODY;

type TestResponse = Response<Full<Bytes>>;

pub(crate) async fn serve(request: Request<Body>) -> Result<TestResponse, BoxError> {
    let path = request.uri().path().to_owned();
    match (request.method(), path.as_str()) {
        (&Method::GET, "/hello") => Ok(text("hello".into())),
        (&Method::GET, "/id") => {
            let id = request.extensions().get::<CorrelationId>().unwrap();
            Ok(text(id.to_string()))
        }
        (&Method::GET, "/ids-of-its-own") => Ok(Response::builder()
            .header("x-correlation-id", "mine")
            .header("x-correlation-id", "again")
            .body(Full::default())?),
        (&Method::POST, "/media") => media(request).await,
        (&Method::GET, "/panic") => panic!("secret"),
        (&Method::GET, "/peer") => {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            Ok(text(peer.unwrap().0.to_string()))
        }
        (&Method::GET, "/slow") => pending().await,
        (&Method::GET, "/unreachable") => {
            Err(io::Error::from(io::ErrorKind::ConnectionRefused).into())
        }
        (_, "/hello") => Ok(Response::builder()
            .status(StatusCode::METHOD_NOT_ALLOWED)
            .header("allow", "GET,HEAD")
            .body(Full::default())?),
        _ => Ok(bare(StatusCode::NOT_FOUND)),
    }
}

async fn media(request: Request<Body>) -> Result<TestResponse, BoxError> {
    let is_json = request
        .headers()
        .get("content-type")
        .is_some_and(|it| it == "application/json");
    if !is_json {
        return Ok(bare(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = match Limited::new(request.into_body(), MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(bare(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Err(error) => return Err(error),
    };
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Err(_) => Ok(bare(StatusCode::BAD_REQUEST)),
        Ok(serde_json::Value::Array(numbers)) => Ok(text(numbers.len().to_string())),
        Ok(_) => Ok(bare(StatusCode::UNPROCESSABLE_ENTITY)),
    }
}

fn bare(status: StatusCode) -> TestResponse {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn text(text: String) -> TestResponse {
    Response::new(text.into())
}
