use serde_json::value::RawValue;
use serde_json::{Value, json};
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
            tools::call(api, fields, params, in_result).await
        }
        _ => Err(Problem::from(&routermcp::METHOD_NOT_FOUND)),
    }
}

/// The client's version of the protocol where it is known here, else the newest that is.
fn initialize(params: Option<&RawValue>) -> Value {
    let params = params.map_or("{}", RawValue::get);
    let params: Value = serde_json::from_str(params).unwrap_or_default();
    let requested = params["protocolVersion"].as_str();
    let mut known = VERSIONS[1..].iter();
    let known = known.find(|known| Some(**known) == requested);
    let version = known.unwrap_or(&VERSIONS[1]);
    json!({
        "protocolVersion": version,
        "capabilities": {"tools": {"listChanged": false}},
        "serverInfo": server_info(),
    })
}

pub(super) fn server_info() -> Value {
    json!({"name": "gateway", "version": env!("CARGO_PKG_VERSION")})
}

/// The newest first, which has no `initialize` and demands header fields. The others are served alike.
pub(crate) const VERSIONS: [&str; 5] = [
    "2026-07-28",
    "2025-11-25",
    "2025-06-18",
    "2025-03-26",
    "2024-11-05",
];
