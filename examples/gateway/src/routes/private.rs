use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use tower_edge::core::http_ext::SingleHeader;
use tower_edge::core::{Kind, Problem};

use super::Api;
use crate::success::success;

/// Lets one key in, knows another that may not, and asks all others who they are.
pub(super) async fn private(State(api): State<Api>, headers: HeaderMap) -> Response {
    let credentials = SingleHeader::from_headers(&headers, &AUTHORIZATION)
        .one()
        .and_then(|value| value.to_str().ok());
    let (scheme, key) = credentials
        .and_then(|value| value.split_once(' '))
        .unwrap_or_default();
    match key.trim() {
        "pk_test_ok" if scheme.eq_ignore_ascii_case("bearer") => {
            success(api.prefix, StatusCode::OK, &json!({"private": true}))
        }
        "pk_test_denied" if scheme.eq_ignore_ascii_case("bearer") => {
            Problem::new(Kind::PermissionDenied).into_response()
        }
        _ => {
            // RFC 9110, section 15.5.2: a 401 has to name a challenge.
            let challenge = (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            ([challenge], Problem::new(Kind::Unauthenticated)).into_response()
        }
    }
}
