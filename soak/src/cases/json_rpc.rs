//! The responses to messages of JSON-RPC.

use serde_json::{Value, json};

use super::Prefix;

pub(super) const PING: &str = r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#;
pub(super) const NOTIFICATION: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
pub(super) const BROKEN_TOOL: &str =
    r#"{"jsonrpc":"2.0","id":"b","method":"tools/call","params":{"name":"media.broken"}}"#;
pub(super) const SLOW_TOOL: &str =
    r#"{"jsonrpc":"2.0","id":"b","method":"tools/call","params":{"name":"media.slow"}}"#;
/// A request, a notification, no message, a method that there is not, and a call of the upstream.
pub(super) const BATCH: &str = r#"[{"jsonrpc":"2.0","id":"x","method":"ping"},
    {"jsonrpc":"2.0","method":"notifications/initialized"}, 7,
    {"jsonrpc":"2.0","id":2,"method":"no/such"},
    {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"media.search"}}]"#;

pub(super) fn pings(count: usize) -> String {
    let pings: Vec<_> = (0..count)
        .map(|id| json!({"jsonrpc": "2.0", "id": id, "method": "ping"}))
        .collect();
    Value::from(pings).to_string()
}

pub(super) fn is_pong(_: Prefix, body: &Value) -> bool {
    *body == json!({"jsonrpc": "2.0", "id": 7, "result": {}})
}

pub(super) fn is_limited(_: Prefix, body: &Value) -> bool {
    is_error(body, &json!(7), -32005)
}

pub(super) fn is_parse_error(_: Prefix, body: &Value) -> bool {
    is_error(body, &Value::Null, -32700)
}

/// An error in one document, a result that says so in the other.
pub(super) fn is_failed_tool(prefix: Prefix, body: &Value) -> bool {
    match prefix {
        Prefix::RouterMcp => is_error(body, &json!("b"), -32004),
        _ => body["id"] == "b" && body["result"]["isError"] == true,
    }
}

pub(super) fn is_batch(_: Prefix, body: &Value) -> bool {
    let Some([pong, invalid, unknown, found]) = body.as_array().map(Vec::as_slice) else {
        return false;
    };
    pong["id"] == "x"
        && pong["result"].is_object()
        && is_error(invalid, &Value::Null, -32600)
        && is_error(unknown, &json!(2), -32601)
        && found["id"] == 3
        && found["result"]["content"].is_array()
}

/// All ids, in their order.
pub(super) fn is_pongs(_: Prefix, body: &Value) -> bool {
    let Some(pongs) = body.as_array() else {
        return false;
    };
    let mut ids = pongs.iter().zip(0..);
    pongs.len() == PINGS && ids.all(|(pong, id)| pong["id"] == id && pong["result"].is_object())
}

fn is_error(body: &Value, id: &Value, code: i64) -> bool {
    body["jsonrpc"] == "2.0"
        && body["id"] == *id
        && body["error"]["code"] == code
        && body["error"]["message"].is_string()
        && body.get("result").is_none()
}

pub(super) const PINGS: usize = 60;
