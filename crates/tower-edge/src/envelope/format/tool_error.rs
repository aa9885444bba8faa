use tower_edge_core::RpcId;
use tower_edge_core::json::Object;

/// Writes the answer of an MCP tool that has failed: a result that says so, in an HTTP 200, and not a
/// JSON-RPC error ([MCP, tools](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#error-handling)).
///
/// The text is for the model that has called the tool, which may try another call. No envelope
/// rewrites it, as it is a success of the protocol.
///
/// ```
/// use tower_edge::core::{Kind, Problem, RpcId};
/// use tower_edge::envelope::format::tool_error;
///
/// let problem = Problem::new(Kind::UpstreamError).with_message("Invalid access token");
/// let id = RpcId::of_json(r#""1""#).ok_or("no id")?;
/// let mut out = Vec::new();
/// tool_error(&format!("Error listing campaigns: {problem}"), &id, &mut out);
///
/// assert_eq!(
///     String::from_utf8(out)?,
///     r#"{"jsonrpc":"2.0","id":"1","result":{"content":[{"type":"text","text":"Error listing campaigns: Invalid access token"}],"isError":true}}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn tool_error(text: &str, id: &RpcId, out: &mut Vec<u8>) {
    let mut response = Object::open(out);
    response.text("jsonrpc", "2.0").raw("id", id.as_json());
    response
        .object("result")
        .objects("content", [text], |text, content| {
            content.text("type", "text").text("text", text);
        })
        .bool("isError", true);
}
