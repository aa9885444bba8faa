//! How an API says that all went well.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::prefix::Prefix;

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
