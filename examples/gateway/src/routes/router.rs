use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use tower_edge::http_ext::SingleHeader;
use tower_edge::version_gate::SupportedVersionsLayer;
use tower_edge::{Kind, Problem};

use super::{Api, media, panic};
use crate::json_body::success;
use crate::mcp;
use crate::upstream::Call;

/// The routes of one prefix. What asks for another version of MCP is rejected.
pub(crate) fn of(api: Api, mcp_versions: Option<&SupportedVersionsLayer>) -> Router {
    let router = Router::new()
        .route("/api/media", post(media::create))
        .route("/api/media/{id}", get(media::show))
        .route("/api/panic", get(panic::panic))
        .route("/api/private", get(private))
        .route("/api/upstream/{name}", get(forward));
    if !api.prefix.has_mcp() {
        return router.with_state(api);
    }
    let mcp = match mcp_versions {
        Some(versions) => post(mcp::serve).route_layer(versions.clone()),
        None => post(mcp::serve),
    };
    let router = router.route("/mcp", mcp.clone()).route("/mcp/", mcp);
    router.with_state(api)
}

/// Lets one key in, knows another that may not, and asks all others who they are.
async fn private(State(api): State<Api>, headers: HeaderMap) -> Response {
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

/// Asks the upstream for one of the things that can go right or wrong with an upstream.
async fn forward(
    State(api): State<Api>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let Some(name) = NAMES.into_iter().find(|known| *known == name) else {
        return Err(Problem::new(Kind::RouteNotFound));
    };
    let call = Call::new(name.to_owned(), &request);
    if STREAMED.contains(&name) {
        Ok(api.upstream.stream(call).await?.map(Body::new))
    } else {
        let data = api.upstream.json(call).await?;
        Ok(success(api.prefix, StatusCode::OK, &data))
    }
}

const NAMES: [&str; 9] = [
    "echo",
    "error",
    "ok",
    "ratelimited",
    "refused",
    "reset",
    "slow",
    "stall",
    "stream",
];
/// These are handed on as they come, and never wrapped.
const STREAMED: [&str; 2] = ["stall", "stream"];
