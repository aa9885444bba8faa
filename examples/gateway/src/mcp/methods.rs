use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tower_edge::Problem;
use tower_edge::envelope::format::RpcErrorStyle;
use tower_edge_formats::routermcp;

use super::tools;
use crate::routes::Api;
use crate::upstream::UpstreamFields;

/// The result of a method, by the revisions up to 2025-11-25.
pub(super) async fn call(
    api: &Api,
    fields: &UpstreamFields,
    method: &str,
    params: Option<&RawValue>,
) -> Result<Value, Problem> {
    match method {
        "initialize" => Ok(initialize(params)),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({"tools": tools::list()})),
        "tools/call" => {
            let in_result = api.mcp == Some(RpcErrorStyle::ToolResult);
            call_tool(api, fields, params, in_result).await
        }
        _ => Err(Problem::from(&routermcp::METHOD_NOT_FOUND)),
    }
}

/// The result of a tool, which says `in_result` where the tool has failed, or else is an error.
pub(super) async fn call_tool(
    api: &Api,
    fields: &UpstreamFields,
    params: Option<&RawValue>,
    in_result: bool,
) -> Result<Value, Problem> {
    let ToolCall { arguments, name } = parsed(params)?;
    let arguments = arguments.unwrap_or_default();
    tools::call(api, fields, &name, &arguments, in_result).await
}

#[derive(Deserialize)]
struct ToolCall {
    arguments: Option<Map<String, Value>>,
    name: String,
}

/// The client's version of the protocol where it is known here, else the newest that is.
fn initialize(params: Option<&RawValue>) -> Value {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Initialize {
        protocol_version: String,
    }
    let requested = parsed::<Initialize>(params)
        .map(|params| params.protocol_version)
        .unwrap_or_default();
    let version = VERSIONS[1..]
        .iter()
        .find(|known| **known == requested)
        .unwrap_or(&VERSIONS[1]);
    json!({
        "protocolVersion": version,
        "capabilities": {"tools": {"listChanged": false}},
        "serverInfo": server_info(),
    })
}

pub(super) fn server_info() -> Value {
    json!({"name": "gateway", "version": env!("CARGO_PKG_VERSION")})
}

/// What a parser says of a client's parameters names types of ours, so it is not repeated.
fn parsed<'a, T: Deserialize<'a>>(params: Option<&'a RawValue>) -> Result<T, Problem> {
    let params = params.map_or("{}", RawValue::get);
    // MCP has parameters by name alone; serde would take an array for the members in their order.
    if !params.starts_with('{') {
        return Err(Problem::from(&routermcp::INVALID_PARAMS));
    }
    serde_json::from_str(params)
        .map_err(|error| Problem::from(&routermcp::INVALID_PARAMS).with_source(error))
}

/// The newest first, which has no `initialize` and demands header fields. The others are served alike.
pub(crate) const VERSIONS: [&str; 5] = [
    "2026-07-28",
    "2025-11-25",
    "2025-06-18",
    "2025-03-26",
    "2024-11-05",
];
