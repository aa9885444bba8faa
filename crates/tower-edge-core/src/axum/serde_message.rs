//! serde's messages, reworded for clients: without the names of types, variants and crates that serde includes.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::problem::FieldError;

/// What is wrong with a member of a JSON document.
pub(super) fn member_error(path: &Path, text: &str) -> FieldError {
    let (member, message) = explain(text);
    let (mut name, mut pointer) = name_and_pointer(path);
    if let Some(member) = member.map(truncate) {
        let below = FieldError::new(member.clone(), message);
        let below = below.pointer().unwrap_or_default();
        // The path may already end with the name of an unknown member.
        if !pointer.ends_with(&*below) {
            push_name(&mut name, &member);
            pointer.push_str(&below);
        }
    }
    let name = if name.is_empty() { BODY } else { name.into() };
    FieldError::new(name, message).with_pointer(pointer)
}

/// The same, with the value that was sent. Where serde's message is about another value than the one at its path, or the
/// document is not known, the error has the path alone.
pub(super) fn member_error_in(document: Option<&Value>, path: &Path, text: &str) -> FieldError {
    let error = member_error(path, text);
    let pointer = error.pointer().unwrap_or_default();
    let sent = document.and_then(|document| document.pointer(&pointer));
    if document.is_none() || !is_about(sent, text) {
        let (name, pointer) = name_and_pointer(path);
        let name = if name.is_empty() { BODY } else { name.into() };
        return FieldError::new(name, NOT_VALID).with_pointer(pointer);
    }
    match sent {
        Some(Value::String(text)) => error.with_value(text),
        Some(Value::Array(_) | Value::Object(_)) | None => error,
        Some(value) => error.with_value(&value.to_string()),
    }
}

/// Whether serde's message is about the value at its path. Of a flattened or tagged type the path ends at the object
/// around it.
fn is_about(sent: Option<&Value>, text: &str) -> bool {
    let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    match sent {
        None => begins(&["missing field `"]),
        Some(_) if begins(&["unknown field `", "duplicate field `"]) => true,
        Some(Value::Array(_)) => begins(&["invalid type: sequence", "invalid length "]),
        Some(Value::Object(_)) => begins(&["invalid type: map"]),
        Some(_) => true,
    }
}

/// What is wrong with a parameter of a query, or with a field of a form.
pub(super) fn parameter_error(path: &Path, text: &str) -> FieldError {
    let (member, message) = explain(text);
    let (mut name, _) = name_and_pointer(path);
    if let Some(member) = member.map(truncate) {
        name = member;
    }
    FieldError::from_parameter(name, message)
}

/// A path in a readable form, and as a JSON pointer.
fn name_and_pointer(path: &Path) -> (String, String) {
    let mut name = String::new();
    let mut pointer = String::new();
    for segment in path.iter().take(MAX_SEGMENTS) {
        match segment {
            Segment::Enum { variant: key } | Segment::Map { key } => {
                let key = truncate(key);
                push_name(&mut name, &key);
                let key = FieldError::new(key, "");
                pointer.push_str(&key.pointer().unwrap_or_default());
            }
            Segment::Seq { index } => {
                // Writing into a String does not fail.
                let _ = write!(name, "[{index}]");
                let _ = write!(pointer, "/{index}");
            }
            Segment::Unknown => break,
        }
    }
    (name, pointer)
}

fn push_name(name: &mut String, key: &str) {
    if !name.is_empty() {
        name.push('.');
    }
    name.push_str(key);
}

/// The client chooses the name, and so its length.
fn truncate(name: &str) -> String {
    name.chars().take(MAX_NAME).collect()
}

/// The member that serde names, and what is wrong with it or with the value.
fn explain(text: &str) -> (Option<&str>, &'static str) {
    if let Some(name) = quoted(text, "missing field `") {
        (Some(name), "is required")
    } else if let Some(name) = quoted(text, "unknown field `") {
        (Some(name), "is not known")
    } else if let Some(name) = quoted(text, "duplicate field `") {
        (Some(name), "may be there only once")
    } else if text.starts_with("unknown variant `") {
        (None, "is none of the values that are known")
    } else if text.starts_with("invalid length ") {
        (None, "has the wrong number of elements")
    } else if text.starts_with("invalid type: ") || text.starts_with("invalid value: ") {
        // The text before quotes the value that the client sent.
        let wanted = text.rsplit_once(", expected ").map(|(_, wanted)| wanted);
        (None, expected(wanted.unwrap_or_default()))
    } else {
        (None, unparsed(text))
    }
}

fn quoted<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.strip_prefix(start)?
        .split_once('`')
        .map(|(name, _)| name)
}

/// What a value should be. `wanted` is what serde expected, or the name of a type.
fn expected(wanted: &str) -> &'static str {
    let wanted = wanted.rsplit_once(" at line ").map_or(wanted, |(it, _)| it);
    match wanted {
        "a string" | "a borrowed string" | "String" | "str" => "must be a string",
        "a character" | "char" => "must be one character",
        "a boolean" | "bool" => "must be true or false",
        "u8" => "must be a whole number from 0 to 255",
        "u16" => "must be a whole number from 0 to 65535",
        "u32" => "must be a whole number from 0 to 4294967295",
        "u64" | "u128" | "usize" => "must be a whole number that is not negative",
        "i8" => "must be a whole number from -128 to 127",
        "i16" => "must be a whole number from -32768 to 32767",
        "i32" => "must be a whole number from -2147483648 to 2147483647",
        "i64" | "i128" | "isize" => "must be a whole number",
        "f32" | "f64" => "must be a number",
        "a sequence" => "must be an array",
        "a map" => "must be an object",
        "unit" => "must be null",
        _ if wanted.starts_with("a nonzero ") => "must be a whole number other than 0",
        _ if wanted.starts_with("struct ") => "must be an object",
        _ if wanted.starts_with("a tuple") || wanted.starts_with("tuple ") => "must be an array",
        _ => NOT_VALID,
    }
}

/// What is wrong with a parameter of a path that is not of this type.
pub(super) fn parameter_message(wanted: &str, value: &str) -> &'static str {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match wanted {
        // The messages of smaller types have their bounds.
        "u64" | "u128" | "usize" | "i64" | "i128" | "isize" if is_number => {
            match (digits.len() < value.len(), wanted.starts_with('i')) {
                (false, _) => "is too large",
                (true, true) => "is too small",
                (true, false) => expected(wanted),
            }
        }
        _ => expected(wanted),
    }
}

/// The errors of std's parsers, which read the parameters.
fn unparsed(text: &str) -> &'static str {
    match text {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "must be a whole number"
        }
        "number too large to fit in target type" => "is too large",
        "number too small to fit in target type" => "is too small",
        "invalid float literal" | "cannot parse float from empty string" => "must be a number",
        "provided string was not `true` or `false`" => "must be true or false",
        _ if text.starts_with("number out of range") => "is out of range",
        _ if text.starts_with("recursion limit exceeded") => "is nested too deeply",
        _ => NOT_VALID,
    }
}

/// The name of the whole body.
const BODY: Cow<'static, str> = Cow::Borrowed("body");
const MAX_NAME: usize = 100;
const MAX_SEGMENTS: usize = 32;
const NOT_VALID: &str = "is not valid";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_wire() {
        for (text, expected) in [
            ("missing field `title`", (Some("title"), "is required")),
            (
                "unknown field `a`, expected `b` or `Secret`",
                (Some("a"), "is not known"),
            ),
            (
                "unknown variant `x`, expected `Secret`",
                (None, "is none of the values that are known"),
            ),
            (
                "invalid type: string \"x, expected y\", expected u8 at line 1 column 5",
                (None, "must be a whole number from 0 to 255"),
            ),
            (
                "invalid value: integer `0`, expected a nonzero u32",
                (None, "must be a whole number other than 0"),
            ),
            (
                "invalid type: null, expected struct Secret",
                (None, "must be an object"),
            ),
            (
                "invalid type: null, expected enum Secret",
                (None, "is not valid"),
            ),
            (
                "invalid length 1, expected a tuple of size 2",
                (None, "has the wrong number of elements"),
            ),
            (
                "data did not match any variant of untagged enum Secret",
                (None, "is not valid"),
            ),
            (
                "number too large to fit in target type",
                (None, "is too large"),
            ),
        ] {
            assert_eq!(explain(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_cut() {
        assert_eq!(truncate(&"ü".repeat(1000)).chars().count(), 100);
    }
}
