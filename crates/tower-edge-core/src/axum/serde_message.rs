//! serde's messages, reworded for clients: without the names of types, variants and crates that serde includes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::value::RawValue;
use serde_path_to_error::{Error, Path, Segment};

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

/// The same, with the value that the client sent. If serde's message is about a value at another path, or the document
/// is unknown, the error has the path alone.
pub(super) fn member_error_in(
    document: Option<&str>,
    error: &Error<serde_json::Error>,
) -> FieldError {
    let text = error.inner().to_string();
    let member = member_error(error.path(), &text);
    let pointer = member.pointer().unwrap_or_default();
    let sent = document.and_then(|document| find(document, &pointer));
    let (name, path) = name_and_pointer(error.path());
    let is_known = document.is_some_and(|document| match sent {
        Some(sent) => is_about(sent, document, *pointer == path, error.inner(), &text),
        None => text.starts_with("missing field `"),
    });
    if !is_known {
        let name = if name.is_empty() { BODY } else { name.into() };
        return FieldError::new(name, NOT_VALID).with_pointer(path);
    }
    match sent {
        Some(sent) if sent.starts_with('"') => {
            member.with_value(&serde_json::from_str::<String>(sent).unwrap_or_default())
        }
        Some(sent) if !sent.starts_with(['[', '{']) => member.with_value(sent),
        _ => member,
    }
}

/// Whether serde's message is about this value of the document. serde reads a flattened or tagged type to its end, and
/// then again from a buffer. An error of the second pass has the path of the whole type, and comes after the start of
/// the value.
fn is_about(
    sent: &str,
    document: &str,
    has_path: bool,
    error: &serde_json::Error,
    text: &str,
) -> bool {
    let read = read_before(document, error);
    let start = sent.as_ptr().addr() - document.as_ptr().addr();
    let is_at_start = || read.is_some_and(|read| read.trim_end().len() <= start + 1);
    if text.starts_with("missing field `") {
        false
    } else if let Some(name) = quoted(text, "duplicate field `") {
        let key = format!("\"{name}\"");
        read.is_some_and(|read| read.trim_end().ends_with(&key))
    } else if text.starts_with("unknown field `") {
        has_path && is_at_start()
    } else if sent.starts_with('[') {
        text.starts_with("invalid length ") || is_at_start()
    } else {
        // A scalar has no other value within it.
        !sent.starts_with('{') || is_at_start()
    }
}

/// The part of the document that serde_json had read when it failed. `None` if it failed in a buffer.
fn read_before<'a>(document: &'a str, error: &serde_json::Error) -> Option<&'a str> {
    let lines_before = error.line().checked_sub(1)?;
    let lines = document.split_inclusive('\n').take(lines_before);
    let length: usize = lines.map(str::len).sum();
    document.get(..length + error.column())
}

/// The text of the value at this pointer.
fn find<'a>(document: &'a str, pointer: &str) -> Option<&'a str> {
    let mut value: &RawValue = serde_json::from_str(document).ok()?;
    for segment in pointer.split('/').skip(1) {
        value = if value.get().starts_with('[') {
            let elements: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
            elements.get(segment.parse::<usize>().ok()?).copied()?
        } else {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
            let name = segment.replace("~1", "/").replace("~0", "~");
            members.get(&name).copied()?
        };
    }
    Some(value.get())
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
