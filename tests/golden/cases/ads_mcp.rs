use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use tower_edge::core::{Kind, Problem, RpcId};
use tower_edge::envelope::format::tool_error;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::failed("unauthorized_error", Problem::new(Kind::Unauthenticated)),
        Case::answered("tool_error", failed_tool()),
    ]
}

/// A tool that fails is a success of the protocol, which no envelope rewrites.
fn failed_tool() -> Response<Full<Bytes>> {
    let problem = Problem::new(Kind::UpstreamError).with_message("Invalid access token");
    let id = RpcId::of_json("\"1\"").unwrap();
    let mut body = Vec::new();
    tool_error(
        &format!("Error listing campaigns: {problem}"),
        &id,
        &mut body,
    );
    Response::builder()
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}
