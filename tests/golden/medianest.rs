//! The examples of MediaNest.

use std::time::{Duration, SystemTime};

use tower_edge::problem::{ErrorId, FieldError};
use tower_edge::timeout::UpstreamTimeoutLayer;
use tower_edge::{Kind, Problem};
use tower_edge_formats::medianest::*;

use crate::case::Case;
use crate::store::used_up;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = access();
    cases.extend(resources());
    cases.extend(services());
    cases.extend(system());
    cases
}

fn access() -> Vec<Case> {
    let unauthorized = Problem::new(Kind::Unauthenticated)
        .with_detail("reason", "missing_token")
        .with_detail("loginUrl", "/auth/plex/pin");
    let access_denied = Problem::new(Kind::PermissionDenied)
        .with_detail("required_role", "admin")
        .with_detail("current_role", "user")
        .with_detail("resource", "user_management");
    let token_error =
        Problem::from(&TOKEN_ERROR).with_detail("token_issue", "signature_verification_failed");
    let validation_error = Problem::new(Kind::Validation)
        .with_field_error(
            FieldError::new("email", "Invalid email format").with_value("not-an-email"),
        )
        .with_field_error(
            FieldError::new("tmdbId", "TMDB ID must be a positive integer").with_value("-1"),
        );
    let invalid_input = Problem::new(Kind::BadRequest)
        .with_detail("issue", "malformed_json")
        .with_detail("line", 5_u32)
        .with_detail("column", 12_u32);
    vec![
        Case::failed("unauthorized", unauthorized),
        Case::failed("access_denied", access_denied),
        Case::failed("token_error", token_error),
        Case::failed("validation_error", validation_error),
        Case::failed("invalid_input", invalid_input),
    ]
}

fn resources() -> Vec<Case> {
    let reasons = [
        "Resource does not exist",
        "Insufficient permissions",
        "Resource has been deleted",
    ];
    let not_found = Problem::new(Kind::NotFound)
        .with_detail("resource_type", "media_request")
        .with_detail("resource_id", "123e4567-e89b-12d3-a456-426614174000")
        .with_detail("possible_reasons", reasons);
    let user = Problem::from(&NOT_FOUND)
        .with_message("User not found")
        .with_detail("userId", "42");
    let duplicate = Problem::new(Kind::AlreadyExists)
        .with_detail("resource_type", "media_request")
        .with_detail("existing_id", "existing-request-uuid")
        .with_detail("conflict_field", "tmdb_id")
        .with_detail("conflict_value", "27205");
    vec![
        Case::failed("not_found", not_found),
        Case::failed("not_found_user", user),
        Case::failed("duplicate_resource", duplicate),
    ]
}

fn services() -> Vec<Case> {
    let plex_error = Problem::from(&PLEX_ERROR)
        .with_detail("plex_error", "Invalid authentication token")
        .with_detail("plex_status", 401_u32)
        .with_retry_after(Duration::from_secs(300));
    let unreachable = Problem::new(Kind::UpstreamUnreachable)
        .with_detail("server_url", "https://plex.local:32400")
        .with_detail("connection_error", "ECONNREFUSED")
        .with_detail("last_successful", "2025-01-15T10:30:00.000Z");
    let timeout =
        UpstreamTimeoutLayer::new(Duration::from_secs(10)).with_operation("library_search");
    let pin = Problem::from(&PIN_NOT_AUTHORIZED)
        .with_detail("pin_id", "123456")
        .with_detail("pin_code", "ABCD-EFGH")
        .with_detail("expires_at", "2025-01-15T12:15:00.000Z")
        .with_detail("auth_url", "https://plex.tv/link/?pin=ABCD-EFGH");
    let service = Problem::new(Kind::UpstreamError)
        .with_detail("service", "overseerr")
        .with_detail("service_error", "API key invalid")
        .with_detail("service_status", 401_u32)
        .with_detail("retry_recommended", true);
    vec![
        Case::failed("plex_error", plex_error),
        Case::failed("plex_unreachable", unreachable),
        Case::refused("plex_timeout", timeout),
        Case::failed("pin_not_authorized", pin),
        Case::failed("external_service_error", service),
    ]
}

fn system() -> Vec<Case> {
    let mut internal = Problem::new(Kind::Internal).with_source("the stack overflowed");
    // 2025-01-15T12:00:00.000Z.
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_736_942_400);
    internal.set_error_id(ErrorId::named("err_abc123xyz", noon).unwrap());
    let database = Problem::from(&DATABASE_ERROR)
        .with_detail("operation", "user_create")
        .with_detail("db_error", "Connection timeout")
        .with_retry_after(Duration::from_secs(60));
    let debug = Problem::from(&DATABASE_ERROR)
        .with_message("Database operation failed")
        .with_detail("query", "SELECT * FROM users WHERE id = ?")
        .with_detail("error", "Connection timeout after 5000ms")
        .with_detail("timestamp", "2025-01-15T12:00:00.000Z")
        .with_detail("stack", "Error: Connection timeout...");
    let quarter = Duration::from_secs(15 * 60);
    vec![
        Case::failed("internal_error", internal),
        Case::failed("database_error", database),
        Case::failed("database_error_debug", debug),
        Case::refused(
            "rate_limit_exceeded",
            used_up(100, quarter, Duration::from_secs(300)),
        ),
    ]
}
