//! serde stops at the first member that is not valid. To find the others, a value that would have been
//! valid is put in its place, and the document read again.

use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;
use tower_edge_core::Problem;
use tower_edge_core::problem::FieldError;

/// The problem with all field errors of the document, given the one with the first of them.
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
        let said = error.inner().to_string();
        let Some(told) = Problem::from(error).field_errors().first().cloned() else {
            break;
        };
        let pointer = told.pointer().unwrap_or_default().into_owned();
        let sent = original.pointer(&pointer);
        if !is_about(&said, document.pointer(&pointer)) {
            // Something below, of which serde has lost the path.
            if found.is_empty() {
                let name = told.field().to_owned();
                found.push(FieldError::new(name, "is not valid").with_pointer(pointer));
            }
            break;
        }
        // What is wrong in or around a value that the client has not sent may not be its fault.
        let is_ours = found
            .iter()
            .filter_map(FieldError::pointer)
            .any(|at| is_within(&pointer, &at) || is_within(&at, &pointer));
        if !is_ours {
            found.push(with_value(told, sent));
        }
        if found.len() == MAX_ERRORS || !mend(&mut document, &pointer, &said) {
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

/// Whether this is the value that serde means; what is flattened is reported of its parent.
fn is_about(said: &str, value: Option<&Value>) -> bool {
    match value {
        Some(Value::Array(_)) => !said.starts_with("invalid type: ") || said.contains(": sequence"),
        Some(Value::Object(_)) => !said.starts_with("invalid type: ") || said.contains(": map"),
        _ => true,
    }
}

fn is_within(pointer: &str, above: &str) -> bool {
    let rest = pointer.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Text is repeated without its quotes; what holds others is not repeated.
fn with_value(error: FieldError, value: Option<&Value>) -> FieldError {
    match value {
        Some(Value::String(text)) => error.with_value(text),
        Some(Value::Array(_) | Value::Object(_)) | None => error,
        Some(value) => error.with_value(&value.to_string()),
    }
}

/// Makes the value valid, as far as what serde said about it goes; whether anything has changed.
fn mend(document: &mut Value, pointer: &str, said: &str) -> bool {
    if said.starts_with("unknown field `") {
        return remove(document, pointer);
    }
    let value = if said.starts_with("missing field `") {
        // What it should be is said once it is there.
        Value::Null
    } else {
        match said
            .rsplit_once(", expected ")
            .and_then(|(_, wanted)| valid(wanted))
        {
            Some(value) => value,
            None => return false,
        }
    };
    put(document, pointer, value)
}

/// A value of what serde expected.
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

/// The object that a member is in, and the member's name
/// ([RFC 6901, section 4](https://www.rfc-editor.org/rfc/rfc6901#section-4)).
fn parent<'a>(
    document: &'a mut Value,
    pointer: &str,
) -> Option<(&'a mut Map<String, Value>, String)> {
    let (above, name) = pointer.rsplit_once('/')?;
    let members = document.pointer_mut(above)?.as_object_mut()?;
    Some((members, name.replace("~1", "/").replace("~0", "~")))
}

/// A body that is read several times is a small one: a client must not gain much by sending mistakes.
const MAX_DOCUMENT: usize = 16 * 1024;
const MAX_ERRORS: usize = 16;
/// A member that is missing takes two, and those of an object that was put there two more.
const MAX_TRIES: usize = 4 * MAX_ERRORS;

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use serde::Deserialize;

    use super::super::Json;
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is read, and that is all")]
    struct Order {
        name: String,
        count: NonZeroU32,
        lines: Vec<Line>,
        #[serde(default)]
        address: Option<Address>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is read, and that is all")]
    struct Line {
        sku: u64,
        gift: bool,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is read, and that is all")]
    struct Address {
        street: String,
        country: Country,
    }

    /// A range whose ends are in order.
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Range")]
    struct Checked;

    #[derive(Debug, Deserialize)]
    struct Range {
        from: u64,
        to: u64,
    }

    impl TryFrom<Range> for Checked {
        type Error = &'static str;

        fn try_from(range: Range) -> Result<Self, &'static str> {
            if range.from > range.to {
                return Err("Range is the wrong way round");
            }
            Ok(Self)
        }
    }

    #[derive(Debug, Deserialize)]
    enum Country {
        Andorra,
    }

    fn errors<T: DeserializeOwned>(body: &str) -> Vec<(String, &'static str, Option<String>)> {
        let problem = Json::<T>::from_bytes(body.as_bytes()).err().unwrap();
        let errors = problem.field_errors().iter().map(|error| {
            let message = MESSAGES.iter().find(|message| **message == error.message());
            let message = message.unwrap_or_else(|| panic!("{}", error.message()));
            let pointer = error.pointer().unwrap().into_owned();
            (pointer, *message, error.value().map(str::to_owned))
        });
        errors.collect()
    }

    const MESSAGES: [&str; 8] = [
        "is required",
        "is not valid",
        "is not known",
        "is none of the values that are known",
        "must be a string",
        "must be a whole number other than 0",
        "must be a whole number that is not negative",
        "must be an object",
    ];

    fn error(
        pointer: &str,
        message: &'static str,
        value: Option<&str>,
    ) -> (String, &'static str, Option<String>) {
        (pointer.to_owned(), message, value.map(str::to_owned))
    }

    #[test]
    fn every_member_that_is_not_valid_is_told_in_one_answer() {
        let body = r#"{"name": 1, "count": 0, "lines": [{"sku": -1, "gift": true}, {"sku": 2}], "more/": 1}"#;

        assert_eq!(
            errors::<Order>(body),
            [
                error("/name", "must be a string", Some("1")),
                error("/count", "must be a whole number other than 0", Some("0")),
                error(
                    "/lines/0/sku",
                    "must be a whole number that is not negative",
                    Some("-1")
                ),
                error("/lines/1/gift", "is required", None),
                error("/more~1", "is not known", Some("1")),
            ]
        );
    }

    #[test]
    fn a_member_that_is_missing_is_told_once() {
        assert_eq!(
            errors::<Order>("{}"),
            [
                error("/name", "is required", None),
                error("/count", "is required", None),
                error("/lines", "is required", None),
            ]
        );
    }

    #[test]
    fn members_of_a_value_that_nobody_sent_are_not_missed() {
        let body = r#"[1, {"sku": 1}]"#;

        assert_eq!(
            errors::<Vec<Line>>(body),
            [
                error("/0", "must be an object", Some("1")),
                error("/1/gift", "is required", None),
            ]
        );
    }

    #[test]
    fn what_cannot_be_guessed_is_the_last_to_be_told() {
        let body = r#"{"name": 1, "count": 1, "lines": [], "address": {"street": "", "country": "Atlantis"}}"#;

        assert_eq!(
            errors::<Order>(body),
            [
                error("/name", "must be a string", Some("1")),
                error(
                    "/address/country",
                    "is none of the values that are known",
                    Some("Atlantis")
                ),
            ]
        );
        assert!(matches!(
            serde_json::from_str(r#""Andorra""#),
            Ok(Country::Andorra)
        ));
    }

    #[test]
    fn a_check_of_the_whole_is_not_made_of_values_that_nobody_sent() {
        assert_eq!(
            errors::<Checked>(r#"{"from": 3, "to": "x"}"#),
            [error(
                "/to",
                "must be a whole number that is not negative",
                Some("x")
            )]
        );
        assert_eq!(
            errors::<Checked>(r#"{"from": 3, "to": 2}"#),
            [error("", "is not valid", None)]
        );
    }

    #[test]
    fn what_is_flattened_is_not_blamed_on_its_parent() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "it is read, and that is all")]
        struct Outer {
            #[serde(flatten)]
            line: Line,
        }

        assert_eq!(
            errors::<Outer>(r#"{"sku": "x", "gift": true}"#),
            [error("", "is not valid", None)]
        );
    }

    #[test]
    fn the_errors_of_one_answer_are_bounded() {
        let body = format!("[{}]", vec!["1"; 1000].join(","));

        assert_eq!(errors::<Vec<String>>(&body).len(), MAX_ERRORS);
    }

    #[test]
    fn a_large_body_is_not_read_again() {
        let body = format!("[1, 2, \"{}\"]", "x".repeat(MAX_DOCUMENT));

        assert_eq!(errors::<Vec<String>>(&body).len(), 1);
    }
}
