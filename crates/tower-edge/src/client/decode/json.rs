//! Errors in JSON, by their shape.

use std::time::Duration;

use serde_json::{Map, Value};
use tower_edge_core::google_rpc::{StatusDetails, from_base64};
use tower_edge_core::http_ext::percent_decode;
use tower_edge_core::problem::FieldError;
use tower_edge_core::{GrpcCode, Kind, Problem};

use super::remote_problem::{Inner, MAX_CODE, bounded};

type Object = Map<String, Value>;

/// Reads a body, and returns whether it is an error regardless of the HTTP status.
pub(super) fn read(body: &[u8], is_problem_details: bool, inner: &mut Inner) -> bool {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) if is_problem_details => {
            read_error(object, PROBLEM_DETAILS, inner);
            false
        }
        Ok(Value::Object(object)) => read_object(object, inner),
        Ok(Value::Array(batch)) => {
            if let Some(Value::Object(first)) = batch.into_iter().next() {
                read_object(first, inner);
            }
            false
        }
        _ => false,
    }
}

/// Reads the last message of a stream in Connect, and returns whether it is an error. `None` where it is malformed.
pub(super) fn read_end_stream(body: &[u8], inner: &mut Inner) -> Option<bool> {
    let mut end: Object = serde_json::from_slice(body).ok()?;
    match end.remove("error") {
        Some(Value::Object(error)) => {
            read_error(error, OTHER, inner);
            Some(true)
        }
        Some(_) => None,
        None => Some(false),
    }
}

fn read_object(mut object: Object, inner: &mut Inner) -> bool {
    let is_rpc = object.remove("jsonrpc").is_some();
    object.remove("success");
    match object.remove("error") {
        Some(Value::Object(error)) => {
            if is_rpc {
                inner.kind = error.get("code").and_then(Value::as_i64).map(rpc_kind);
            }
            read_error(error, OTHER, inner);
            inner.add_details(object);
            return is_rpc;
        }
        None | Some(Value::Null) if is_rpc => return read_tool_error(&object, inner),
        error => object.extend(error.map(|error| ("error".to_owned(), error))),
    }
    match object.remove("errors") {
        Some(Value::Array(errors)) if is_json_api(&object, &errors) => {
            read_json_api(errors, inner);
            inner.add_details(object);
        }
        errors => {
            object.extend(errors.map(|errors| ("errors".to_owned(), errors)));
            read_error(object, OTHER, inner);
        }
    }
    is_rpc
}

/// The kinds of the [codes of the standard](https://www.jsonrpc.org/specification#error_object), and of the usual code
/// for a [limit](https://eips.ethereum.org/EIPS/eip-1474#error-codes). Servers define all other codes.
fn rpc_kind(code: i64) -> Kind {
    match code {
        -32700 | -32600 => Kind::BadRequest,
        -32601 => Kind::NotFound,
        -32602 => Kind::Validation,
        -32005 => Kind::RateLimited,
        _ => Kind::Internal,
    }
}

/// Reads the result of an MCP tool, and returns whether it is an
/// [error](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#error-handling). A message that is no
/// response is an error too.
fn read_tool_error(message: &Object, inner: &mut Inner) -> bool {
    let Some(result) = message.get("result") else {
        return true;
    };
    let is_error = result.get("isError") == Some(&Value::Bool(true));
    let content = result.get("content").filter(|_| is_error);
    let items = content.and_then(Value::as_array).into_iter().flatten();
    let texts = items.filter_map(|item| item.get("text")?.as_str());
    inner.message = bounded(&texts.collect::<Vec<_>>().join("\n"), Problem::MAX_MESSAGE);
    is_error
}

/// Whether a list of errors is the only description of the error
/// ([JSON:API](https://jsonapi.org/format/#document-top-level)).
fn is_json_api(object: &Object, errors: &[Value]) -> bool {
    let names = ["code", "detail", "error", "message", "title", "type"];
    names.iter().all(|name| !object.contains_key(*name))
        && errors.first().is_some_and(Value::is_object)
}

/// Reads the first error. The others are like the items of any list.
fn read_json_api(mut errors: Vec<Value>, inner: &mut Inner) {
    let others = errors.split_off(1);
    if let Some(Value::Object(mut error)) = errors.pop() {
        if let Some(field) = field_error(&error) {
            inner.add_field_error(field);
            error.remove("source");
            if error.contains_key("title") {
                // The error is about one field of several.
                error.remove("detail");
            }
        }
        read_error(error, OTHER, inner);
    }
    inner.add_list("errors", others);
}

/// The members of an error that may have the message, and those that may have the code. The first text counts.
type Names = [&'static [&'static str]; 2];
const OTHER: Names = [
    &["detail", "message", "error", "title"],
    &["code", "error", "type"],
];
const PROBLEM_DETAILS: Names = [&["detail", "message", "title"], &["type", "code"]];

fn read_error(mut error: Object, [messages, codes]: Names, inner: &mut Inner) {
    if error.get("type").and_then(Value::as_str) == Some("about:blank") {
        error.remove("type");
    }
    // AIP-193 has the name of the code in `status`, and the HTTP status in `code`.
    match error.remove("status") {
        Some(Value::String(name)) if grpc_code_of(&name).is_some() => {
            error.insert("code".to_owned(), name.into());
        }
        Some(Value::String(text)) if text.parse::<u16>().is_err() => {
            error.insert("status".to_owned(), text.into());
        }
        // The HTTP status.
        _ => {}
    }
    inner.message = take_text(&mut error, messages, Problem::MAX_MESSAGE);
    inner.code = take_text(&mut error, codes, MAX_CODE);
    let mut standard = StatusDetails::default();
    match error.remove("details") {
        Some(Value::Array(mut items)) => {
            items.retain(|item| !add_standard(item, &mut standard));
            inner.add_list("details", items);
        }
        // PlexMCP: a map from field to text.
        Some(Value::Object(fields)) if inner.code.as_deref() == Some("validation_error") => {
            for (name, text) in fields {
                match text {
                    Value::String(text) => inner.add_field_error(FieldError::new(name, text)),
                    other => inner.add_member(name, other),
                }
            }
        }
        other => error.extend(other.map(|other| ("details".to_owned(), other))),
    }
    let grpc_code = inner.code.as_deref().and_then(grpc_code_of);
    inner.add_google_details(grpc_code, standard);
    inner.add_details(error);
}

/// Takes the first of these members that is a text or a number.
fn take_text(error: &mut Object, names: &[&str], max: usize) -> Option<String> {
    names.iter().find_map(|name| {
        let text = match error.get(*name)? {
            Value::String(text) => bounded(text, max)?,
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        error.remove(*name);
        Some(text)
    })
}

impl Inner {
    fn add_details(&mut self, details: Object) {
        for (name, value) in details {
            self.add_member(name, value);
        }
    }

    fn add_member(&mut self, name: String, value: Value) {
        match (&*name, value) {
            (_, Value::Null) => {}
            ("data" | "details" | "meta", Value::Object(members)) => self.add_details(members),
            ("errors", Value::Array(errors)) => self.add_list("errors", errors),
            ("retry_after" | "retryAfter", value) => {
                match seconds(value.to_string().trim_matches('"')) {
                    Some(wait) => self.add_wait(wait),
                    None => self.add_detail(name, value),
                }
            }
            (_, value) => self.add_detail(name, value),
        }
    }

    /// Adds field errors. Items that name no field become a detail.
    fn add_list(&mut self, name: &str, mut items: Vec<Value>) {
        items.retain(|item| {
            let error = item.as_object().and_then(field_error);
            let is_other = error.is_none();
            error.into_iter().for_each(|it| self.add_field_error(it));
            is_other
        });
        if !items.is_empty() {
            self.add_detail(name.to_owned(), items);
        }
    }
}

/// A number of seconds in decimal.
fn seconds(text: &str) -> Option<Duration> {
    let is_decimal = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let seconds = is_decimal.then(|| text.parse().ok())??;
    Duration::try_from_secs_f64(seconds).ok()
}

fn field_error(error: &Object) -> Option<FieldError> {
    let text = |name| error.get(name).and_then(Value::as_str);
    // JSON:API has both in an object of their own.
    let source = error.get("source").and_then(Value::as_object);
    let source = source.unwrap_or(error);
    let in_source = |name| source.get(name).and_then(Value::as_str);
    let message = text("message").or(text("detail")).unwrap_or_default();
    let message = message.to_owned();
    let found = if let Some(field) = text("field") {
        FieldError::new(field.to_owned(), message)
    } else if let Some(parameter) = in_source("parameter") {
        FieldError::from_parameter(parameter.to_owned(), message)
    } else {
        let pointer = pointer_of(in_source("pointer")?);
        let names = pointer.split('/').skip(1);
        let names = names.map(|name| name.replace("~1", "/").replace("~0", "~"));
        let field = names.collect::<Vec<_>>().join(".");
        FieldError::new(field, message).with_pointer(pointer)
    };
    let value = error
        .get("value")
        .or_else(|| error.get("meta")?.get("value"));
    Some(match value.and_then(Value::as_str) {
        Some(value) => found.with_value(value),
        None => found,
    })
}

/// A pointer, which [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457#section-3) writes as a fragment.
fn pointer_of(text: &str) -> String {
    match text.strip_prefix('#') {
        Some(fragment) => {
            let bytes: Vec<_> = percent_decode(fragment.as_bytes()).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        None => text.to_owned(),
    }
}

/// The gRPC code of this name. Connect writes it in lower case, and one code in another spelling.
fn grpc_code_of(name: &str) -> Option<GrpcCode> {
    if name.eq_ignore_ascii_case("canceled") {
        return Some(GrpcCode::Cancelled);
    }
    let mut codes = (1..=16).filter_map(GrpcCode::from_number);
    codes.find(|code| code.name().eq_ignore_ascii_case(name))
}

/// Adds a detail in the [JSON of protobuf](https://protobuf.dev/programming-guides/json/), or in base64 as Connect
/// sends it. Returns whether it is a standard one.
fn add_standard(item: &Value, details: &mut StatusDetails) -> bool {
    let text = |name| item.get(name).and_then(Value::as_str);
    let owned = |name| text(name).map(str::to_owned);
    if let (Some(name), Some(value)) = (text("type"), text("value")) {
        details.add(name, &from_base64(value.as_bytes()).unwrap_or_default());
        return name.starts_with("google.rpc.");
    }
    match text("@type").and_then(|url| url.rsplit('/').next()) {
        Some("google.rpc.BadRequest") => {
            let violations = item.get("fieldViolations").and_then(Value::as_array);
            for violation in violations.into_iter().flatten() {
                let text = |name| violation.get(name).and_then(Value::as_str);
                let text = |name| text(name).unwrap_or_default().to_owned();
                details.add_field_error(text("field"), text("description"));
            }
        }
        Some("google.rpc.ErrorInfo") => {
            details.reason = owned("reason");
            details.domain = owned("domain");
            let metadata = item.get("metadata").and_then(Value::as_object);
            let metadata = metadata.into_iter().flatten();
            details.metadata = metadata
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect();
        }
        Some("google.rpc.RequestInfo") => details.request_id = owned("requestId"),
        Some("google.rpc.RetryInfo") => {
            let delay = text("retryDelay").and_then(|delay| delay.strip_suffix('s'));
            details.retry_delay = delay.and_then(seconds);
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests;
