use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use tower_edge::axum::{Json, Path};
use tower_edge::problem::FieldError;
use tower_edge::{Kind, Problem};

use super::Api;
use crate::upstream::UpstreamFields;

/// One medium, from the upstream.
pub(super) async fn show(
    State(api): State<Api>,
    Path(id): Path<String>,
    fields: UpstreamFields,
) -> Result<Response, Problem> {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        let error = FieldError::from_parameter("id", "ID must be a number").with_value(&id);
        return Err(Problem::new(Kind::Validation).with_field_error(error));
    }
    // A number that is too large for us is too large for the upstream.
    let id: u64 = id.parse().map_err(|_| not_found(&id))?;
    match api.upstream.json(&format!("media/{id}"), fields).await {
        Ok(medium) => Ok(api.success(StatusCode::OK, medium)),
        Err(problem) if problem.kind() == Kind::NotFound => Err(not_found(&id.to_string())),
        Err(problem) => Err(problem),
    }
}

fn not_found(id: &str) -> Problem {
    let id: String = id.chars().take(MAX_ID).collect();
    Problem::new(Kind::NotFound)
        .with_detail("resource_type", "media")
        .with_detail("resource_id", id)
}

/// Takes a new medium, `{"title": string, "tmdbId": positive integer}`.
///
/// A response names every field that is not valid. serde stops at the first one, so the members are read one by one.
pub(super) async fn create(
    State(api): State<Api>,
    Json(medium): Json<Value>,
) -> Result<Response, Problem> {
    if !medium.is_object() {
        let error = FieldError::new("body", "Body must be a JSON object").with_pointer("");
        return Err(Problem::new(Kind::Validation).with_field_error(error));
    }
    let (title, tmdb_id) = (medium.get("title"), medium.get("tmdbId"));
    let mut errors = Vec::new();
    if !title.is_some_and(Value::is_string) {
        errors.push(error("title", "Title must be a string", title));
    }
    if tmdb_id.and_then(Value::as_u64).is_none_or(|id| id == 0) {
        errors.push(error(
            "tmdbId",
            "TMDB ID must be a positive integer",
            tmdb_id,
        ));
    }
    if errors.is_empty() {
        let created = json!({"id": api.next_id(), "title": title});
        return Ok(api.success(StatusCode::CREATED, created));
    }
    let errors = errors.into_iter();
    Err(errors.fold(Problem::new(Kind::Validation), Problem::with_field_error))
}

/// A value is repeated as text; a missing one is not.
fn error(field: &'static str, message: &'static str, value: Option<&Value>) -> FieldError {
    let error = FieldError::new(field, message);
    match value {
        Some(Value::String(text)) => error.with_value(text),
        Some(value) => error.with_value(&value.to_string()),
        None => error,
    }
}

const MAX_ID: usize = 40;
