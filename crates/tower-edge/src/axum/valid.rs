//! What the checks by garde and by validator have in common.

use std::error::Error;

use axum::extract::Request;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tower_edge_core::problem::FieldError;
use tower_edge_core::{Kind, Problem};

use super::Json;
use super::json::read;

/// An error that a check has found: the path to the field, by its names in Rust, and a message.
pub(super) type Invalid = (Vec<String>, String);

/// Deserializes the body and checks its value.
pub(super) async fn read_valid<T, S, E>(
    request: Request,
    state: &S,
    check: impl FnOnce(&T) -> Result<(), (E, Vec<Invalid>)>,
) -> Result<Json<T>, Problem>
where
    T: DeserializeOwned,
    S: Send + Sync,
    E: Error + Send + Sync + 'static,
{
    let body = read(request, state).await?;
    let json = Json::from_bytes(&body)?;
    match check(&json) {
        Ok(()) => Ok(json),
        Err((source, errors)) => {
            let document = serde_json::from_slice(&body).unwrap_or_default();
            let errors = errors.into_iter().take(Problem::MAX_ITEMS);
            Err(errors
                .map(|(path, message)| field_error(&document, &path, message))
                .fold(Problem::new(Kind::Validation), Problem::with_field_error)
                .with_source(source))
        }
    }
}

/// Its value is not repeated: a field that is checked may be a password.
fn field_error(document: &Value, path: &[String], message: String) -> FieldError {
    let mut sent = document;
    let mut name = String::new();
    let mut pointer = String::new();
    for segment in path {
        let (member, below) = match sent {
            Value::Array(elements) => {
                name.extend(["[", segment, "]"]);
                let index = segment.parse().ok();
                let element = index.and_then(|index: usize| elements.get(index));
                (segment, element)
            }
            other => {
                let sent = other.as_object().and_then(|object| member(object, segment));
                let (member, value) =
                    sent.map_or((segment, None), |(name, value)| (name, Some(value)));
                name.extend([if name.is_empty() { "" } else { "." }, member]);
                (member, value)
            }
        };
        let escaped = FieldError::new(member.clone(), "");
        pointer.push_str(&escaped.pointer().unwrap_or_default());
        sent = below.unwrap_or(&Value::Null);
    }
    if name.is_empty() {
        name.push_str("body");
    }
    FieldError::new(name, message).with_pointer(pointer)
}

/// The member that a field was read from. serde may have renamed it in another style, such as `tmdbId` for `tmdb_id`.
fn member<'a>(members: &'a Map<String, Value>, field: &str) -> Option<(&'a String, &'a Value)> {
    let plain = |name: &str| {
        let letters = name.chars().filter(|char| !matches!(char, '_' | '-'));
        letters.flat_map(char::to_lowercase).collect::<String>()
    };
    let renamed = || members.iter().find(|(name, _)| plain(name) == plain(field));
    members.get_key_value(field).or_else(renamed)
}
