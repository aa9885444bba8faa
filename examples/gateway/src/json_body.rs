//! Reads the body of a request, within bounds, and writes that of a response that went well.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use serde::Serialize;
use tower_edge::core::{Kind, Problem};

use crate::prefix::Prefix;

/// The bytes of a body that says it is JSON.
pub(crate) async fn read(request: Request<Body>) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
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

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    let suffix = |suffix: &str| {
        let at = essence.len().checked_sub(suffix.len());
        at.and_then(|at| essence.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    essence.eq_ignore_ascii_case("application/json") || suffix("+json")
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
    let content_type = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    (status, [content_type], body.into()).into_response()
}

#[derive(Serialize)]
struct Wrapped<'a, T: ?Sized> {
    success: bool,
    data: &'a T,
}

/// The largest body that is taken.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// How long a body may take to arrive.
const TIME: Duration = Duration::from_secs(10);
