use std::num::NonZeroU64;
use std::ops::ControlFlow;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use deserr::{DeserializeError, Deserr, ErrorKind, IntoValue, MergeWithError, ValuePointerRef};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use tower_edge::axum::Json;
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
    let Json(document) = Json::<Value>::from_bytes(&body)?;
    let medium: Medium = deserr::deserialize(document)
        .map_err(|invalid: InvalidFields| invalid.into_problem(&body))?;
    let created = Created {
        id: api.next_id(),
        title: medium.title,
    };
    Ok(success(api.prefix, StatusCode::CREATED, &created))
}

#[derive(Deserr)]
#[deserr(error = InvalidFields, rename_all = camelCase)]
struct Medium {
    title: String,
    #[expect(dead_code, reason = "only whether it is valid counts")]
    tmdb_id: NonZeroU64,
}

#[derive(Serialize)]
struct Created {
    id: u64,
    title: String,
}

/// The names of the fields that are missing or not valid; of what is no object, the empty name.
struct InvalidFields(Vec<String>);

impl InvalidFields {
    fn into_problem(mut self, body: &[u8]) -> Problem {
        self.0.sort_unstable();
        let document: Value = serde_json::from_slice(body).unwrap_or_default();
        let errors = self.0.iter().map(|name| match &**name {
            "title" => error("title", "Title must be a string", document.get("title")),
            "tmdbId" => {
                let message = "TMDB ID must be a positive integer";
                error("tmdbId", message, document.get("tmdbId"))
            }
            _ => FieldError::new("body", "Body must be a JSON object").with_pointer(""),
        });
        errors.fold(Problem::new(Kind::Validation), Problem::with_field_error)
    }
}

impl DeserializeError for InvalidFields {
    fn error<V: IntoValue>(
        found: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let name = match error {
            ErrorKind::MissingField { field } => field,
            _ => location.last_field().unwrap_or_default(),
        };
        Self::merge(found, Self(vec![name.to_owned()]), location)
    }
}

impl MergeWithError<Self> for InvalidFields {
    /// Goes on to the next field.
    fn merge(found: Option<Self>, other: Self, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        let mut found = found.map_or_else(Vec::new, |found| found.0);
        found.extend(other.0);
        ControlFlow::Continue(Self(found))
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
