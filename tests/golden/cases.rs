//! How each example comes about: a problem as a handler makes it, or a layer that refuses.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use tower_edge::envelope::JsonRpcId;
use tower_edge::envelope::format::tool_error;
use tower_edge::problem::FieldError;
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::version_gate::{Staged, VersionGateLayer, VersionPolicy, VersionRule};
use tower_edge::{Kind, Problem};
use tower_edge_formats::plexmcp::*;
use tower_edge_formats::routermcp;

use crate::case::Case;
use crate::medianest;
use crate::store::used_up;

/// The cases of a format, each named like its example.
pub(crate) fn of(format: &str) -> Vec<Case> {
    match format {
        "ads_mcp" => ads_mcp(),
        "medianest" => medianest::cases(),
        "plexichat" => plexichat(),
        "plexmcp" => plexmcp(),
        "routermcp" => routermcp(),
        "routermcp_rest" => routermcp_rest(),
        _ => Vec::new(),
    }
}

fn ads_mcp() -> Vec<Case> {
    vec![
        Case::failed("unauthorized_error", Problem::new(Kind::Unauthenticated)),
        Case::responded("tool_error", failed_tool()),
    ]
}

/// A tool that fails is a success of the protocol, which no envelope rewrites.
fn failed_tool() -> Response<Full<Bytes>> {
    let problem = Problem::new(Kind::UpstreamError).with_message("Invalid access token");
    let id = JsonRpcId::from_json("\"1\"").unwrap();
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

fn plexichat() -> Vec<Case> {
    let minimum: Staged = "a.1.0-1".parse().unwrap();
    let rule = VersionRule::new(minimum).with_update_url("https://...");
    let policy = VersionPolicy::builder(rule).with_server_version(minimum);
    let gate = VersionGateLayer::from_policy(policy.build().unwrap());
    let limit = used_up(20, SECOND, Duration::from_millis(1500));
    vec![
        Case::failed("resource_not_found", Problem::new(Kind::NotFound)),
        Case::refused("version_outdated", gate).with_field("x-client-version", "a.0.9-1"),
        Case::refused("rate_limited", limit),
    ]
}

fn plexmcp() -> Vec<Case> {
    let field = FieldError::new("field_name", "Error description");
    vec![
        Case::failed("unauthorized", Problem::new(Kind::Unauthenticated)),
        Case::failed("expired_key", Problem::from(&EXPIRED_KEY)),
        Case::failed("revoked_key", Problem::from(&REVOKED_KEY)),
        Case::failed("forbidden", Problem::new(Kind::PermissionDenied)),
        Case::failed("mcp_not_permitted", Problem::from(&MCP_NOT_PERMITTED)),
        Case::failed("not_found", Problem::new(Kind::NotFound)),
        Case::failed("already_exists", Problem::new(Kind::AlreadyExists)),
        Case::failed(
            "validation_error",
            Problem::new(Kind::Validation).with_field_error(field),
        ),
        Case::failed("invalid_request", Problem::new(Kind::BadRequest)),
        Case::refused("rate_limited", used_up(20, SECOND, SECOND)),
        Case::failed("quota_exceeded", Problem::new(Kind::QuotaExceeded)),
        Case::failed("mcp_unreachable", Problem::new(Kind::UpstreamUnreachable)),
        Case::refused("mcp_timeout", UpstreamTimeoutLayer::new(SECOND)),
        Case::failed(
            "mcp_error",
            Problem::from(&MCP_ERROR).with_detail("mcp_error", "Tool not found: unknown_tool"),
        ),
        Case::failed("internal_error", Problem::new(Kind::Internal)),
    ]
}

fn routermcp() -> Vec<Case> {
    vec![
        Case::failed(
            "invalid_request",
            Problem::from(&routermcp::INVALID_REQUEST),
        )
        .with_body(r#"{"jsonrpc":"2.0","id":1}"#),
        Case::failed(
            "unauthorized",
            Problem::from(&routermcp::UNAUTHORIZED).with_message("Invalid API key"),
        ),
    ]
}

fn routermcp_rest() -> Vec<Case> {
    let limit = used_up(20, Duration::from_secs(60), Duration::from_secs(30));
    vec![Case::refused("rate_limit_exceeded", limit)]
}

const SECOND: Duration = Duration::from_secs(1);
