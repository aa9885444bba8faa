use std::time::Duration;

use tower_edge::core::problem::FieldError;
use tower_edge::core::{Kind, Problem};
use tower_edge::envelope::format::plexmcp::*;
use tower_edge::upstream_timeout::UpstreamTimeoutLayer;

use crate::case::Case;
use crate::store::used_up;

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn cases() -> Vec<Case> {
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
