use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use tower_edge::core::Kind;
use tower_edge::core::Problem;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::failed("unauthorized_error", Problem::new(Kind::Unauthenticated)),
        Case::answered("tool_error", tool_error()),
    ]
}

/// A tool that fails is a success of the protocol, which no envelope rewrites.
fn tool_error() -> Response<Full<Bytes>> {
    let body = r#"{"jsonrpc":"2.0","id":"1","result":{"content":[{"type":"text","text":"Error listing campaigns: Invalid access token"}],"isError":true}}"#;
    Response::builder()
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}
