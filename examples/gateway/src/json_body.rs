//! Reads the body of a request, within bounds, and writes that of a response that went well.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use serde::Serialize;
use tower_edge::http_ext::{content_type, is_json};
use tower_edge::{Kind, Problem};

use crate::prefix::Prefix;

/// The bytes of a body that says it is JSON.
pub(crate) async fn read(request: Request<Body>) -> Result<Bytes, Problem> {
    if !content_type(request.headers()).is_some_and(is_json) {
        return Err(Problem::new(Kind::UnsupportedMediaType));
    }
    tokio::time::timeout(TIME, collect(request.into_body()))
        .await
        .unwrap_or_else(|_| Err(Problem::new(Kind::RequestTimeout)))
}

async fn collect(mut body: Body) -> Result<Bytes, Problem> {
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::new(Kind::BadRequest).with_source(error))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if collected.len() + data.len() > MAX_BODY {
            return Err(Problem::new(Kind::ContentTooLarge));
        }
        collected.extend_from_slice(data);
    }
    Ok(collected.freeze())
}

/// A success: the data alone, or `{"success": true, "data": …}` where the format asks for that.
pub(crate) fn success(
    prefix: Prefix,
    status: StatusCode,
    data: &(impl Serialize + ?Sized),
) -> Response {
    let body = match prefix {
        Prefix::MediaNest => serde_json::to_vec(&Wrapped {
            success: true,
            data,
        }),
        _ => serde_json::to_vec(data),
    };
    match body {
        Ok(body) => json(status, body),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A body that is JSON already.
pub(crate) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(FIELDS);
    headers.insert(CONTENT_TYPE, JSON);
    response
}

#[derive(Serialize)]
struct Wrapped<'a, T: ?Sized> {
    success: bool,
    data: &'a T,
}

/// How many header fields a success has, with those of the layers: a map that has room for all need not grow.
const FIELDS: usize = 12;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The largest body that is taken.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// How long a body may take to arrive.
const TIME: Duration = Duration::from_secs(10);
