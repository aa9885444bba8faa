use axum::extract::State;
use axum::response::Response;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tower_edge::http_ext::SingleHeader;
use tower_edge::{Kind, Problem};

use super::Api;

/// Lets one key in, knows another that may not, and asks all others who they are.
pub(super) async fn show(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    let credentials = SingleHeader::from_headers(&headers, &AUTHORIZATION)
        .one()
        .and_then(|value| value.to_str().ok()?.split_once(' '));
    let bearer = credentials.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match bearer.map(|(_, key)| key.trim()) {
        Some("pk_test_ok") => Ok(api.success(StatusCode::OK, json!({"private": true}))),
        Some("pk_test_denied") => Err(Problem::new(Kind::PermissionDenied)),
        // RFC 9110, section 15.5.2: a 401 has to name a challenge.
        _ => Err(Problem::new(Kind::Unauthenticated).with_header(WWW_AUTHENTICATE, "Bearer")),
    }
}
