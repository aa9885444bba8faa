use std::error::Error;

use http::HeaderMap;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use tower_edge_core::json_rpc::McpFields;
use tower_edge_core::{Definition, Problem};

use super::{HEADER_MISMATCH, INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR};

/// Compares the header fields of a POST with its body, and checks `_meta`. [MCP requires this of a
/// server](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation)
/// that reads the body, from revision 2026-07-28 on. There is an example in the [module](super).
///
/// The header fields of a notification are not compared, since the revision defines none. The server itself has to
/// check whether it supports the version and has the method.
///
/// # Errors
///
/// [`PARSE_ERROR`] if the body is not JSON. [`INVALID_REQUEST`] if it is not one request or notification: a batch, a
/// response, or a request whose id is neither a string nor an integer. [`INVALID_PARAMS`] if `_meta` lacks the protocol
/// version or the client's capabilities, or if these have wrong types. [`HEADER_MISMATCH`] if `MCP-Protocol-Version`,
/// `Mcp-Method` or `Mcp-Name` is missing, occurs twice, is not valid, or differs from the body.
pub fn validate(headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    let json: &RawValue = serde_json::from_slice(body).map_err(because(&PARSE_ERROR))?;
    // serde accepts an array in place of the members, in their order.
    if !json.get().starts_with('{') {
        return Err(Problem::from(&INVALID_REQUEST));
    }
    let message: Message<'_> =
        serde_json::from_str(json.get()).map_err(because(&INVALID_REQUEST))?;
    if message.jsonrpc != "2.0" || !message.id.is_none_or(is_id) {
        return Err(Problem::from(&INVALID_REQUEST));
    }
    match message.id {
        None => Ok(()),
        Some(_) => request(&McpFields::from(headers), &message),
    }
}

fn request(fields: &McpFields<'_>, message: &Message<'_>) -> Result<(), Problem> {
    let params = message.params.map_or("{}", RawValue::get);
    if !params.starts_with('{') {
        return Err(Problem::from(&INVALID_PARAMS).with_message("params is not an object"));
    }
    let params: Params = serde_json::from_str(params).map_err(because(&INVALID_PARAMS))?;
    let member = |name: &str| params.meta.get(format!("io.modelcontextprotocol/{name}"));
    let Some(Value::String(version)) = member("protocolVersion") else {
        return Err(meta("protocolVersion is required, a string"));
    };
    if !member("clientCapabilities").is_some_and(Value::is_object) {
        return Err(meta("clientCapabilities is required, an object"));
    }
    let is_text = |info: &Value, name| info.get(name).is_some_and(Value::is_string);
    if member("clientInfo").is_some_and(|info| !is_text(info, "name") || !is_text(info, "version"))
    {
        return Err(meta(
            "clientInfo requires a name and a version, both strings",
        ));
    }
    let name = match &*message.method {
        "tools/call" | "prompts/get" => params.name.as_ref().map(|name| (name, "params.name")),
        "resources/read" => params.uri.as_ref().map(|uri| (uri, "params.uri")),
        _ => None,
    };
    if fields.version() != Some(version) {
        Err(mismatch(
            "MCP-Protocol-Version",
            "the version in params._meta",
        ))
    } else if fields.method() != Some(&*message.method) {
        Err(mismatch("Mcp-Method", "method"))
    } else if let Some((name, place)) = name
        && fields.name().as_deref() != name.as_str()
    {
        Err(mismatch("Mcp-Name", place))
    } else {
        Ok(())
    }
}

fn mismatch(field: &str, place: &str) -> Problem {
    Problem::from(&HEADER_MISMATCH).with_message(format!("{field} differs from {place}"))
}

fn meta(expected: &str) -> Problem {
    let message = format!("params._meta: io.modelcontextprotocol/{expected}");
    Problem::from(&INVALID_PARAMS).with_message(message)
}

/// A parser's message names our types, so only the log has it.
fn because<E: Error + Send + Sync + 'static>(
    definition: &'static Definition,
) -> impl Fn(E) -> Problem {
    move |error| Problem::from(definition).with_source(error)
}

fn is_id(id: &RawValue) -> bool {
    let id = id.get();
    let digits = id.strip_prefix('-').unwrap_or(id);
    id.starts_with('"') || digits.bytes().all(|digit| digit.is_ascii_digit())
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    jsonrpc: String,
    method: String,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

/// An `id` of `null` differs from a missing one.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
struct Params {
    #[serde(default, rename = "_meta")]
    meta: Value,
    name: Option<Value>,
    uri: Option<Value>,
}

#[cfg(test)]
mod tests {
    use http::HeaderName;
    use serde_json::json;

    use super::*;

    /// The definition that this request is rejected with. A field of `null` is left out.
    fn rejection(fields: &Value, body: &Value) -> Option<&'static Definition> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields.as_object().unwrap() {
            let values = value
                .as_array()
                .cloned()
                .unwrap_or_else(|| vec![value.clone()]);
            for value in values.iter().filter_map(Value::as_str) {
                let name = HeaderName::try_from(name).unwrap();
                headers.append(name, value.parse().unwrap());
            }
        }
        let rejected = validate(&headers, body.to_string().as_bytes()).err();
        rejected.map(|problem| problem.definition().unwrap())
    }

    fn fields() -> Value {
        json!({"mcp-protocol-version": VERSION, "mcp-method": "tools/call", "mcp-name": "a"})
    }

    fn call(name: &str) -> Value {
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "_meta": {
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
        }}})
    }

    const VERSION: &str = "2026-07-28";

    #[test]
    fn a_request_whose_fields_repeat_its_body_is_valid() {
        assert_eq!(rejection(&fields(), &call("a")), None);

        let mut info = call("a");
        info["params"]["_meta"]["io.modelcontextprotocol/clientInfo"] =
            json!({"name": "a", "version": "1"});
        info["id"] = json!("x");
        assert_eq!(rejection(&fields(), &info), None);
    }

    #[test]
    fn a_field_that_is_missing_repeated_or_different_is_a_mismatch() {
        for (name, value) in [
            ("mcp-protocol-version", json!(null)),
            ("mcp-protocol-version", json!("2025-11-25")),
            ("mcp-protocol-version", json!([VERSION, VERSION])),
            ("mcp-method", json!(null)),
            ("mcp-method", json!("tools/list")),
            ("mcp-method", json!("Tools/call")),
            ("mcp-name", json!(null)),
            ("mcp-name", json!("A")),
            ("mcp-name", json!(["a", "a"])),
            ("mcp-name", json!("=?base64?*?=")),
        ] {
            let mut fields = fields();
            fields[name] = value;

            assert_eq!(
                rejection(&fields, &call("a")),
                Some(&HEADER_MISMATCH),
                "{name}"
            );
        }
    }

    #[test]
    fn a_name_in_base64_is_decoded_before_it_is_compared() {
        let mut fields = fields();
        fields["mcp-name"] = json!("=?base64?5aqS5L2T?=");

        assert_eq!(rejection(&fields, &call("媒体")), None);
        assert_eq!(
            rejection(&fields, &call("=?base64?5aqS5L2T?=")),
            Some(&HEADER_MISMATCH)
        );
    }

    #[test]
    fn the_name_of_a_resource_is_its_uri() {
        let mut read = call("a");
        read["method"] = json!("resources/read");
        read["params"]["uri"] = json!("file:///a");
        let mut fields = fields();
        fields["mcp-method"] = json!("resources/read");
        assert_eq!(rejection(&fields, &read), Some(&HEADER_MISMATCH));

        fields["mcp-name"] = json!("file:///a");
        assert_eq!(rejection(&fields, &read), None);
    }

    #[test]
    fn a_method_without_a_name_needs_no_name() {
        let mut list = call("a");
        list["method"] = json!("tools/list");
        let fields = json!({"mcp-protocol-version": VERSION, "mcp-method": "tools/list"});

        assert_eq!(rejection(&fields, &list), None);
    }

    #[test]
    fn a_member_of_meta_that_is_missing_or_of_another_type_is_invalid() {
        for (name, value) in [
            ("protocolVersion", None),
            ("protocolVersion", Some(json!(2026))),
            ("clientCapabilities", None),
            ("clientCapabilities", Some(json!([]))),
            ("clientInfo", Some(json!("a"))),
            ("clientInfo", Some(json!({"name": "a"}))),
        ] {
            let mut call = call("a");
            let meta = call["params"]["_meta"].as_object_mut().unwrap();
            let name = format!("io.modelcontextprotocol/{name}");
            match value {
                Some(value) => meta.insert(name.clone(), value),
                None => meta.remove(&name),
            };

            assert_eq!(rejection(&fields(), &call), Some(&INVALID_PARAMS), "{name}");
        }
        for params in [json!([]), json!("a"), json!({}), json!({"_meta": 7})] {
            let mut call = call("a");
            call["params"] = params;

            assert_eq!(rejection(&fields(), &call), Some(&INVALID_PARAMS), "{call}");
        }
    }

    #[test]
    fn what_is_not_one_request_or_notification_is_invalid() {
        let with = |name: &str, value: Value| {
            let mut call = call("a");
            call[name] = value;
            call
        };
        for body in [
            json!([call("a")]),
            // The members in the order in which serde would take them.
            json!([1, "2.0", "tools/call", call("a")["params"]]),
            json!([]),
            json!(7),
            json!({}),
            json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
            with("jsonrpc", json!("1.0")),
            with("method", json!(7)),
            with("id", json!(null)),
            with("id", json!(1.5)),
            with("id", json!([1])),
        ] {
            assert_eq!(
                rejection(&fields(), &body),
                Some(&INVALID_REQUEST),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_not_json_is_a_parse_error() {
        for body in ["", "{", "{} {}", "\u{feff}{}"] {
            let rejected = validate(&HeaderMap::new(), body.as_bytes()).unwrap_err();

            assert_eq!(rejected.definition(), Some(&PARSE_ERROR), "{body}");
        }
    }

    #[test]
    fn a_number_of_any_size_is_json() {
        let body = r#"{"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1e999}}"#;

        assert!(validate(&HeaderMap::new(), body.as_bytes()).is_ok());
    }

    #[test]
    fn a_notification_needs_no_fields() {
        let notification = json!({"jsonrpc": "2.0", "method": "notifications/cancelled"});

        assert_eq!(rejection(&json!({}), &notification), None);
    }
}
