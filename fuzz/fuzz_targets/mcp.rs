//! A request of MCP whose fields and body are valid names the same in both.
#![no_main]

use http::{HeaderMap, HeaderName};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tower_edge_formats::mcp::{McpFields, validate};
use tower_edge_fuzz::{head, lines};

fuzz_target!(|data: &[u8]| {
    let [version, method, name, body] = lines(data);
    let names = ["mcp-protocol-version", "mcp-method", "mcp-name"].map(HeaderName::from_static);
    let request = head(names.into_iter().zip([version, method, name]));
    let headers: &HeaderMap = request.headers();
    if validate(headers, body).is_err() {
        return;
    }

    // A number that is too large for a `Value` is JSON all the same.
    let Ok(message) = serde_json::from_slice::<Value>(body) else {
        return;
    };
    if message.get("id").is_none() {
        return;
    }
    let fields = McpFields::from(headers);
    let params = &message["params"];
    let version = &params["_meta"]["io.modelcontextprotocol/protocolVersion"];
    assert_eq!(fields.version(), version.as_str());
    assert_eq!(fields.method(), message["method"].as_str());
    if fields.method() == Some("tools/call")
        && let Some(name) = params["name"].as_str()
    {
        assert_eq!(fields.name().as_deref(), Some(name));
    }
});
