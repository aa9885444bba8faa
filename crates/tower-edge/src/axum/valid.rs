//! The common part of the checks by garde and by validator.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tower_edge_core::problem::FieldError;
use tower_edge_core::{Kind, Problem};

use super::{Json, JsonBytes};

/// An error that a check has found: the path to the field, by its names in Rust, and a message.
pub(super) type Invalid = (Vec<String>, String);

/// Deserializes the body and checks its value.
pub(super) async fn read_valid<T, S>(
    request: Request,
    state: &S,
    check: impl FnOnce(&T) -> Result<(), Vec<Invalid>>,
) -> Result<Json<T>, Problem>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    let JsonBytes(body) = JsonBytes::from_request(request, state).await?;
    let json = Json::from_bytes(&body)?;
    let Err(errors) = check(&json) else {
        return Ok(json);
    };
    let document = match body.len() <= MAX_DOCUMENT {
        true => serde_json::from_slice(&body).unwrap_or_default(),
        false => Value::Null,
    };
    let errors = errors.into_iter().take(Problem::MAX_ITEMS);
    Err(errors
        .map(|(path, message)| field_error(&document, &path, message))
        .fold(Problem::new(Kind::Validation), Problem::with_field_error))
}

/// The value is not repeated: a checked field may be a password. For the same reason, the error of the check is no
/// source of the problem, since sources are logged.
fn field_error(document: &Value, path: &[String], message: String) -> FieldError {
    let mut sent = document;
    let mut name = String::new();
    let mut pointer = String::new();
    for segment in path {
        let index = segment.parse().ok();
        let found = match sent {
            Value::Array(elements) => index
                .and_then(|index: usize| elements.get(index))
                .map(|element| (segment, element)),
            Value::Object(members) => member(members, segment),
            _ => None,
        };
        let (member, below) = found.unwrap_or((segment, &Value::Null));
        if index.is_some() && !sent.is_object() {
            name.extend(["[", member, "]"]);
        } else {
            name.extend([if name.is_empty() { "" } else { "." }, member]);
        }
        let escaped = FieldError::new(member.clone(), "");
        pointer.push_str(&escaped.pointer().unwrap_or_default());
        sent = below;
    }
    if name.is_empty() {
        name.push_str("body");
    }
    FieldError::new(name, message).with_pointer(pointer)
}

/// The member that a field was read from, by its name in Rust or in another style that serde's `rename_all` has.
fn member<'a>(members: &'a Map<String, Value>, field: &str) -> Option<(&'a String, &'a Value)> {
    let renamed = || {
        let pascal: String = field
            .split('_')
            .map(|word| first(word, char::to_ascii_uppercase))
            .collect();
        let upper = field.to_ascii_uppercase();
        let styles = [
            first(&pascal, char::to_ascii_lowercase),
            field.replace('_', "-"),
            upper.replace('_', "-"),
            upper,
            pascal,
        ];
        styles.iter().find_map(|name| members.get_key_value(name))
    };
    members.get_key_value(field).or_else(renamed)
}

/// The word with another first letter.
fn first(word: &str, change: fn(&char) -> char) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|char| change(&char));
    first.into_iter().chain(chars).collect()
}

/// A larger body is not parsed a second time, so that invalid bodies cost the service little. Its fields then have
/// their names in Rust.
const MAX_DOCUMENT: usize = 64 * 1024;
