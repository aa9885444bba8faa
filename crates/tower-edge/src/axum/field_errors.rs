//! serde stops at the first invalid member. To find the others, this module replaces the member's value by a valid
//! one and reads the document again.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tower_edge_core::Problem;
use tower_edge_core::problem::FieldError;

/// Returns the problem with all field errors of the document; `first` has only the first of them.
pub(super) fn complete<T: DeserializeOwned>(first: Problem, bytes: &[u8]) -> Problem {
    let (true, Ok(document)) = (bytes.len() <= MAX_DOCUMENT, serde_json::from_slice(bytes)) else {
        return first;
    };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut json) else {
        return first;
    };
    let problem = Problem::new(first.kind()).with_source(first);
    all::<T>(&document, error)
        .into_iter()
        .fold(problem, Problem::with_field_error)
}

fn all<T: DeserializeOwned>(original: &Value, first: Error) -> Vec<FieldError> {
    let mut document = original.clone();
    let mut error = first;
    let mut found: Vec<FieldError> = Vec::new();
    for _ in 0..MAX_TRIES {
        let message = error.inner().to_string();
        let Some(reported) = Problem::from(error).field_errors().first().cloned() else {
            break;
        };
        let pointer = reported.pointer().unwrap_or_default().into_owned();
        let sent = original.pointer(&pointer);
        if !is_about(&message, document.pointer(&pointer)) {
            // A member below this one is invalid, and serde has lost its path.
            if found.is_empty() {
                let name = reported.field().to_owned();
                found.push(FieldError::new(name, "is not valid").with_pointer(pointer));
            }
            break;
        }
        // An error in or around a value that this module inserted may not be the client's mistake.
        let is_ours = found
            .iter()
            .filter_map(FieldError::pointer)
            .any(|at| is_within(&pointer, &at) || is_within(&at, &pointer));
        if !is_ours {
            found.push(with_value(reported, sent));
        }
        if found.len() == MAX_ERRORS || !mend(&mut document, &pointer, &message) {
            break;
        }
        error = match serde_path_to_error::deserialize::<_, T>(&document) {
            Ok(_) => break,
            Err(error) => error,
        };
    }
    found
}

type Error = serde_path_to_error::Error<serde_json::Error>;

/// Whether serde's message is about this value; for a flattened member serde reports the parent.
fn is_about(message: &str, value: Option<&Value>) -> bool {
    match value {
        Some(Value::Array(_)) => {
            !message.starts_with("invalid type: ") || message.contains(": sequence")
        }
        Some(Value::Object(_)) => {
            !message.starts_with("invalid type: ") || message.contains(": map")
        }
        _ => true,
    }
}

fn is_within(pointer: &str, above: &str) -> bool {
    let rest = pointer.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Adds the value to the error: text without quotes, and neither arrays nor objects.
fn with_value(error: FieldError, value: Option<&Value>) -> FieldError {
    match value {
        Some(Value::String(text)) => error.with_value(text),
        Some(Value::Array(_) | Value::Object(_)) | None => error,
        Some(value) => error.with_value(&value.to_string()),
    }
}

/// Replaces the value by a valid one, if serde's message describes one. Returns whether anything has changed.
fn mend(document: &mut Value, pointer: &str, message: &str) -> bool {
    if message.starts_with("unknown field `") {
        return remove(document, pointer);
    }
    let value = if message.starts_with("missing field `") {
        // serde's next message describes the expected value.
        Value::Null
    } else {
        match message
            .rsplit_once(", expected ")
            .and_then(|(_, wanted)| valid(wanted))
        {
            Some(value) => value,
            None => return false,
        }
    };
    put(document, pointer, value)
}

/// A value of the type that serde expected.
fn valid(expected: &str) -> Option<Value> {
    let expected = expected
        .rsplit_once(" at line ")
        .map_or(expected, |(it, _)| it);
    match expected {
        "a string" | "a borrowed string" => Some("".into()),
        "a character" => Some("a".into()),
        "a boolean" => Some(false.into()),
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128"
        | "isize" | "f32" | "f64" => Some(0.into()),
        "a sequence" => Some(Value::Array(Vec::new())),
        "a map" => Some(Map::new().into()),
        _ if expected.starts_with("a nonzero ") => Some(1.into()),
        _ if expected.starts_with("struct ") => Some(Map::new().into()),
        _ => None,
    }
}

fn put(document: &mut Value, pointer: &str, value: Value) -> bool {
    if let Some(there) = document.pointer_mut(pointer) {
        let is_new = *there != value;
        *there = value;
        return is_new;
    }
    match parent(document, pointer) {
        Some((members, name)) => members.insert(name, value).is_none(),
        None => false,
    }
}

fn remove(document: &mut Value, pointer: &str) -> bool {
    parent(document, pointer).is_some_and(|(members, name)| members.remove(&name).is_some())
}

/// The object that holds a member, and the member's name
/// ([RFC 6901, section 4](https://www.rfc-editor.org/rfc/rfc6901#section-4)).
fn parent<'a>(
    document: &'a mut Value,
    pointer: &str,
) -> Option<(&'a mut Map<String, Value>, String)> {
    let (above, name) = pointer.rsplit_once('/')?;
    let members = document.pointer_mut(above)?.as_object_mut()?;
    Some((members, name.replace("~1", "/").replace("~0", "~")))
}

/// Larger bodies are read once only, so that a client gains little by sending mistakes.
const MAX_DOCUMENT: usize = 16 * 1024;
const MAX_ERRORS: usize = 16;
/// A missing member takes two tries, and each member of an inserted object two more.
const MAX_TRIES: usize = 4 * MAX_ERRORS;

#[cfg(test)]
mod tests;
