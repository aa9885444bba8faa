use std::any::Any;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tower_edge::axum::Path;
use tower_edge::envelope::Panicked;
use tower_edge::http_ext::SingleHeader;
use tower_edge::{Kind, Problem};

use super::Api;
use crate::upstream::UpstreamFields;

/// Lets one key in, knows another that may not, and asks all others who they are.
pub(super) async fn private(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let credentials = SingleHeader::from_headers(&headers, &AUTHORIZATION).one();
    let credentials = credentials.and_then(|value| value.to_str().ok()?.split_once(' '));
    let bearer = credentials.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match bearer.map(|(_, key)| key.trim()) {
        Some("pk_test_ok") => Ok(api.success(StatusCode::OK, json!({"private": true}))),
        Some("pk_test_denied") => Err(Problem::new(Kind::PermissionDenied)),
        // RFC 9110, section 15.5.2: a 401 has to name a challenge.
        _ => Err(Problem::new(Kind::Unauthenticated).with_header(WWW_AUTHENTICATE, "Bearer")),
    }
}

/// Asks the upstream for one of the things that can go right or wrong with an upstream.
pub(super) async fn upstream(
    State(api): State<Api>,
    name: Result<Path<String>, Problem>,
    fields: UpstreamFields,
) -> Result<Response, Problem> {
    // A name that is not text is none of these.
    let name = name.map(|Path(name)| name).unwrap_or_default();
    match &*name {
        // These are handed on as they come, and never wrapped.
        "stall" | "stream" => Ok(api.upstream.stream(&name, fields).await?.map(Body::new)),
        "echo" | "error" | "ok" | "ratelimited" | "refused" | "reset" | "slow" => {
            let data = api.upstream.json(&name, fields).await?;
            Ok(api.success(StatusCode::OK, data))
        }
        _ => Err(Problem::new(Kind::RouteNotFound)),
    }
}

/// Panics, as a handler with a bug does.
#[expect(clippy::panic, reason = "that is what it is for")]
pub(super) async fn panic() {
    panic!("the password is hunter2")
}

/// The response in place of a handler that has panicked.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is so that the layer passes it"
)]
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let problem = Problem::new(Kind::Internal).with_source(Panicked::new(&*payload));
    problem.into_response()
}
