use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use tower_edge::axum::Path;
use tower_edge::{Kind, Problem};

use super::Api;
use crate::upstream::UpstreamFields;

/// Asks the upstream for one of the things that can go right or wrong with an upstream.
pub(super) async fn show(
    State(api): State<Api>,
    Path(name): Path<String>,
    fields: UpstreamFields,
) -> Result<Response, Problem> {
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
