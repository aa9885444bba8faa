//! Errors in JSON, by their shape.

use std::time::Duration;

use serde_json::{Map, Value};
use tower_edge_core::google_rpc::{StatusDetails, from_base64};
use tower_edge_core::http_ext::percent_decode;
use tower_edge_core::problem::FieldError;
use tower_edge_core::{GrpcCode, Kind};

use super::remote_problem::{Inner, bounded};

type Object = Map<String, Value>;

/// Reads a body, and returns whether it is an error whatever the HTTP status is.
pub(super) fn read(body: &[u8], is_problem_details: bool, inner: &mut Inner) -> bool {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => read_object(object, is_problem_details, inner),
        Ok(Value::Array(batch)) => {
            if let Some(Value::Object(first)) = batch.into_iter().next() {
                read_object(first, is_problem_details, inner);
            }
            false
        }
        _ => false,
    }
}

/// Reads the last message of a stream in Connect, and returns whether it is an error.
pub(super) fn read_end_stream(body: &[u8], inner: &mut Inner) -> bool {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut end)) => match end.remove("error") {
            Some(Value::Object(error)) => {
                read_error(error, Shape::Connect, inner);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

fn read_object(mut object: Object, is_problem_details: bool, inner: &mut Inner) -> bool {
    let is_rpc = object.remove("jsonrpc").is_some();
    if is_problem_details {
        read_error(object, Shape::ProblemDetails, inner);
        return false;
    }
    let mut shape = Shape::Connect;
    match object.remove("error") {
        Some(Value::Object(error)) => {
            if is_rpc {
                inner.kind = error.get("code").and_then(Value::as_i64).map(rpc_kind);
            }
            read_error(error, Shape::Other, inner);
            return is_rpc;
        }
        // The text is the code beside a message, and the message beside a code.
        Some(Value::String(text)) => {
            let has = |name| object.contains_key(name);
            let name = match (has("message"), has("code")) {
                (false, _) => "message",
                (true, false) => "code",
                (true, true) => "error",
            };
            object.insert(name.to_owned(), text.into());
            shape = Shape::Other;
        }
        _ if is_rpc => return read_tool_error(object, inner),
        _ => {}
    }
    match object.remove("errors") {
        Some(Value::Array(errors)) if is_json_api(&object, &errors) => read_json_api(errors, inner),
        errors => {
            let errors = errors.map(|errors| ("errors".to_owned(), errors));
            object.extend(errors);
            read_error(object, shape, inner);
        }
    }
    false
}

/// What the [codes of the standard](https://www.jsonrpc.org/specification#error_object) mean. All others are the
/// server's own.
fn rpc_kind(code: i64) -> Kind {
    match code {
        -32700 | -32600 => Kind::BadRequest,
        -32601 => Kind::NotFound,
        -32602 => Kind::Validation,
        _ => Kind::Internal,
    }
}

/// Reads the result of an MCP tool, and returns whether that is an
/// [error](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#error-handling).
fn read_tool_error(mut response: Object, inner: &mut Inner) -> bool {
    let Some(Value::Object(result)) = response.remove("result") else {
        return false;
    };
    if result.get("isError") != Some(&Value::Bool(true)) {
        return false;
    }
    let content = result.get("content").and_then(Value::as_array);
    let texts = content.into_iter().flatten();
    let texts: Vec<_> = texts
        .filter_map(|item| item.get("text")?.as_str())
        .collect();
    inner.message = bounded(&texts.join("\n"));
    true
}

/// Whether a list of errors is all that says what went wrong
/// ([JSON:API](https://jsonapi.org/format/#document-top-level)).
fn is_json_api(object: &Object, errors: &[Value]) -> bool {
    let names = ["code", "detail", "message", "title", "type"];
    names.iter().all(|name| !object.contains_key(*name))
        && errors.first().is_some_and(Value::is_object)
}

/// Reads the first error, and the fields that the others name too.
fn read_json_api(errors: Vec<Value>, inner: &mut Inner) {
    inner.add_field_errors(&errors);
    if let Some(Value::Object(mut error)) = errors.into_iter().next() {
        if error.remove("source").is_some() && error.contains_key("title") {
            // It is about one field of several.
            error.remove("detail");
        }
        if let Some(Value::Object(meta)) = error.remove("meta") {
            inner.add_details(meta);
        }
        read_error(error, Shape::Other, inner);
    }
}

/// Whose members an error has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Maybe Connect's, whose codes are words that other APIs use too.
    Connect,
    ProblemDetails,
    Other,
}

fn read_error(mut error: Object, shape: Shape, inner: &mut Inner) {
    let mut take_text = |name| match error.remove(name)? {
        Value::String(text) => bounded(&text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let message = take_text("detail").or(take_text("message"));
    inner.message = message.or(take_text("title"));
    let problem_type = take_text("type").filter(|uri| uri != "about:blank");
    let (code, status) = (take_text("code"), take_text("status"));
    // AIP-193 has the name of the code in `status`, and the HTTP status in `code`.
    let status_code = status.as_deref().and_then(grpc_code_of);
    let code = if status_code.is_some() { status } else { code };
    let connect = code.as_deref().filter(|_| shape == Shape::Connect);
    let grpc_code = status_code.or(connect.and_then(grpc_code_of));
    inner.code = match shape {
        Shape::ProblemDetails => problem_type.or(code),
        _ => code.or(problem_type),
    };
    let mut standard = StatusDetails::default();
    match error.remove("details") {
        Some(Value::Array(items)) => {
            standard = standard_details(&items);
            inner.add_field_errors(&items);
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
        Some(Value::Object(details)) => inner.add_details(details),
        Some(other) => inner.add_member("details".to_owned(), other),
        None => {}
    }
    inner.add_google_details(grpc_code, standard);
    match error.remove("data") {
        Some(Value::Object(data)) => inner.add_details(data),
        Some(other) => inner.add_member("data".to_owned(), other),
        None => {}
    }
    error.remove("success");
    inner.add_details(error);
}

impl Inner {
    fn add_details(&mut self, details: Object) {
        for (name, value) in details {
            self.add_member(name, value);
        }
    }

    fn add_member(&mut self, name: String, value: Value) {
        match (&*name, value) {
            ("errors", Value::Array(errors)) => self.add_field_errors(&errors),
            ("retry_after" | "retryAfter", Value::Number(seconds)) => {
                let wait = seconds.as_f64().map(Duration::try_from_secs_f64);
                if let Some(Ok(wait)) = wait {
                    self.add_wait(wait);
                }
            }
            (_, value) => self.add_detail(name, value),
        }
    }

    /// Adds what is wrong with fields. Errors that name none are ignored.
    fn add_field_errors(&mut self, errors: &[Value]) {
        errors
            .iter()
            .filter_map(field_error)
            .for_each(|error| self.add_field_error(error));
    }
}

fn field_error(error: &Value) -> Option<FieldError> {
    let text = |name| error.get(name).and_then(Value::as_str);
    // JSON:API has both in an object of their own.
    let source = error.get("source").unwrap_or(error);
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

/// The gRPC code of this name, which Connect writes in lower case, and one in another spelling.
fn grpc_code_of(name: &str) -> Option<GrpcCode> {
    if name.eq_ignore_ascii_case("canceled") {
        return Some(GrpcCode::Cancelled);
    }
    let mut codes = (1..=16).filter_map(GrpcCode::from_number);
    codes.find(|code| code.name().eq_ignore_ascii_case(name))
}

/// The details in the [JSON of protobuf](https://protobuf.dev/programming-guides/json/), or in base64 as Connect has them.
fn standard_details(items: &[Value]) -> StatusDetails {
    let mut details = StatusDetails::default();
    for item in items {
        let text = |name| item.get(name).and_then(Value::as_str);
        let owned = |name| text(name).map(str::to_owned);
        if let (Some(name), Some(value)) = (text("type"), text("value")) {
            details.add(name, &from_base64(value.as_bytes()).unwrap_or_default());
            continue;
        }
        let name = text("@type").and_then(|url| url.rsplit('/').next());
        match name {
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
                let seconds = text("retryDelay").and_then(|delay| delay.strip_suffix('s'));
                let seconds = seconds.and_then(|seconds| seconds.parse().ok());
                let delay = seconds.map(Duration::try_from_secs_f64);
                details.retry_delay = delay.and_then(Result::ok);
            }
            _ => {}
        }
    }
    details
}
