use std::error::Error;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tower_edge::envelope::ErrorChain;
use tower_edge::{Kind, Problem};
use tower_edge_formats::routermcp;

use crate::routes::Api;
use crate::upstream::UpstreamFields;

/// The tools, as `tools/list` describes them.
pub(super) fn list() -> Value {
    json!([
        {
            "name": "media.search",
            "description": "Finds a medium by its number.",
            "inputSchema": {
                "type": "object",
                "properties": {"id": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1}},
            },
        },
        {"name": "media.broken", "description": "Its upstream fails.", "inputSchema": {"type": "object"}},
        {"name": "media.slow", "description": "Its upstream takes too long.", "inputSchema": {"type": "object"}},
    ])
}

/// The result of a tool, which says `in_result` where the tool has failed, or else is an error.
pub(super) async fn call(
    api: &Api,
    fields: &UpstreamFields,
    params: Option<&RawValue>,
    in_result: bool,
) -> Result<Value, Problem> {
    let params = params.map_or("{}", RawValue::get);
    // MCP has parameters by name alone; serde would take an array for the members in their order.
    if !params.starts_with('{') {
        return Err(Problem::from(&routermcp::INVALID_PARAMS));
    }
    // What a parser says of a client's parameters names types of ours, so it is not repeated.
    let ToolCall { arguments, name } = serde_json::from_str(params)
        .map_err(|error| Problem::from(&routermcp::INVALID_PARAMS).with_source(error))?;
    let (path, doing) = match &*name {
        "media.search" => (format!("media/{}", id(arguments)?), "searching media"),
        "media.broken" => ("error".to_owned(), "reading media"),
        "media.slow" => ("slow".to_owned(), "listing media"),
        // RouterMCP's document has a code of its own for this; MCP has -32602.
        _ if in_result => return Err(invalid_params("Unknown tool")),
        _ => return Err(Problem::from(&routermcp::TOOL_NOT_FOUND)),
    };
    let (text, is_error) = match api.upstream.json(&path, fields.clone()).await {
        Ok(found) => (found.get().to_owned(), false),
        Err(problem) => {
            // A result of a tool is a success to HTTP, so that no envelope logs the problem.
            let (key, causes) = (problem.key(), ErrorChain::new(problem.source()));
            if problem.status().is_server_error() {
                tracing::error!(
                    {
                        gen_ai.tool.name = name,
                        problem.key = key,
                        exception.message = %causes,
                    },
                    "tool failed"
                );
            } else {
                tracing::debug!(
                    {
                        gen_ai.tool.name = name,
                        problem.key = key,
                        exception.message = %causes,
                    },
                    "tool failed"
                );
            }
            let wait = problem.retry_after().into_iter();
            match problem.kind() {
                _ if in_result => (format!("Error {doing}: {problem}"), true),
                Kind::UpstreamError | Kind::UpstreamTimeout => return Err(problem),
                // RouterMCP has one code for whatever its upstream does.
                _ => {
                    let failed = Problem::from(&routermcp::UPSTREAM_ERROR).with_source(problem);
                    return Err(wait.fold(failed, Problem::with_retry_after));
                }
            }
        }
    };
    Ok(json!({"content": [{"type": "text", "text": text}], "isError": is_error}))
}

#[derive(Deserialize)]
struct ToolCall {
    arguments: Option<Map<String, Value>>,
    name: String,
}

fn id(arguments: Option<Map<String, Value>>) -> Result<u64, Problem> {
    match arguments.unwrap_or_default().get("id").map(Value::as_u64) {
        None => Ok(1),
        Some(Some(id @ 1..=100)) => Ok(id),
        Some(_) => Err(invalid_params("id must be from 1 to 100")),
    }
}

fn invalid_params(reason: &'static str) -> Problem {
    Problem::from(&routermcp::INVALID_PARAMS).with_message(reason)
}
