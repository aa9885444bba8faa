//! Reads the body of a request, within bounds.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::Request;
use http_body_util::BodyExt;
use tower_edge::core::http_ext::{content_type, is_json};
use tower_edge::core::{Kind, Problem};

/// The largest body that is taken.
pub(crate) const MAX_BODY: usize = 64 * 1024;

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

/// How long a body may take to arrive.
const TIME: Duration = Duration::from_secs(10);
