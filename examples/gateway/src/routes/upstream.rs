use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use tower_edge::core::{Kind, Problem};

use super::Api;
use crate::success::success;
use crate::upstream::Call;

/// Asks the upstream for one of the things that can go right or wrong with an upstream.
pub(super) async fn forward(
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
