use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use tower_edge::problem::FieldError;
use tower_edge::{Kind, Problem};

use super::Api;
use crate::json_body;
use crate::json_body::success;
use crate::upstream::Call;

/// One medium, from the upstream.
pub(super) async fn show(
    State(api): State<Api>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        let error = FieldError::from_parameter("id", "ID must be a number").with_value(&id);
        return Err(Problem::new(Kind::Validation).with_field_error(error));
    }
    // A number that is too large for us is too large for the upstream.
    let id: u64 = id.parse().map_err(|_| not_found(&id))?;
    let call = Call::new(format!("media/{id}"), &request);
    match api.upstream.json(call).await {
        Ok(medium) => Ok(success(api.prefix, StatusCode::OK, &medium)),
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

/// Takes a new medium.
pub(super) async fn create(
    State(api): State<Api>,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let body = json_body::read(request).await?;
    let value = serde_json::from_slice(&body).map_err(|error| malformed(&error))?;
    let title = validated(&value)?;
    let created = Created {
        id: api.next_id(),
        title,
    };
    Ok(success(api.prefix, StatusCode::CREATED, &created))
}

#[derive(Serialize)]
struct Created {
    id: u64,
    title: String,
}

fn malformed(error: &serde_json::Error) -> Problem {
    let place = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Problem::new(Kind::BadRequest)
        .with_detail("issue", "malformed_json")
        .with_detail("line", place(error.line()))
        .with_detail("column", place(error.column()))
}

/// The title of a medium whose fields are all valid; else all that are not.
fn validated(value: &Value) -> Result<String, Problem> {
    let Some(fields) = value.as_object() else {
        let error = FieldError::new("body", "Body must be a JSON object").with_pointer("");
        return Err(Problem::new(Kind::Validation).with_field_error(error));
    };
    let title = match fields.get("title") {
        Some(Value::String(title)) => Ok(title.clone()),
        other => Err(error("title", "Title must be a string", other)),
    };
    let tmdb_id = match fields.get("tmdbId") {
        Some(id) if id.as_u64().is_some_and(|id| id > 0) => Ok(()),
        other => Err(error("tmdbId", "TMDB ID must be a positive integer", other)),
    };
    match (title, tmdb_id) {
        (Ok(title), Ok(())) => Ok(title),
        (title, tmdb_id) => {
            let errors = title.err().into_iter().chain(tmdb_id.err());
            Err(errors.fold(Problem::new(Kind::Validation), Problem::with_field_error))
        }
    }
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
