use std::error::Error;

use serde_json::{Map, Value, json};
use tower_edge::Problem;
use tower_edge::envelope::ErrorChain;
use tower_edge_formats::routermcp;

use crate::routes::Api;
use crate::upstream::UpstreamFields;

/// The tools, as `tools/list` describes them.
pub(super) fn list() -> Value {
    json!([
        {
            "name": SEARCH,
            "description": "Finds a medium by its number.",
            "inputSchema": {
                "type": "object",
                "properties": {"id": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1}},
            },
        },
        {"name": BROKEN, "description": "Its upstream fails.", "inputSchema": {"type": "object"}},
        {"name": SLOW, "description": "Its upstream takes too long.", "inputSchema": {"type": "object"}},
    ])
}

/// The result of a tool.
pub(super) async fn call(
    api: &Api,
    fields: &UpstreamFields,
    name: &str,
    arguments: &Map<String, Value>,
    in_result: bool,
) -> Result<Value, Problem> {
    let (path, doing) = match name {
        SEARCH => (format!("media/{}", id(arguments)?), "searching media"),
        BROKEN => ("error".to_owned(), "reading media"),
        SLOW => ("slow".to_owned(), "listing media"),
        // The documents disagree: a code of its own in one, parameters that are not valid in the other.
        _ if in_result => return Err(invalid_params("Unknown tool")),
        _ => return Err(Problem::from(&routermcp::TOOL_NOT_FOUND)),
    };
    match api.upstream.json(&path, fields.clone()).await {
        Ok(found) => Ok(json!({"content": [text(found.get())], "isError": false})),
        Err(problem) => {
            log(name, &problem);
            if !in_result {
                return Err(problem);
            }
            // A tool that fails is a result, and says so in it.
            let message = format!("Error {doing}: {problem}");
            Ok(json!({"content": [text(&message)], "isError": true}))
        }
    }
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn id(arguments: &Map<String, Value>) -> Result<u64, Problem> {
    match arguments.get("id") {
        None => Ok(1),
        Some(id) => id
            .as_u64()
            .filter(|id| (1..=100).contains(id))
            .ok_or_else(|| invalid_params("id must be from 1 to 100")),
    }
}

fn invalid_params(reason: &'static str) -> Problem {
    Problem::from(&routermcp::INVALID_PARAMS).with_message(reason)
}

/// Logs why a tool failed: its answer is a success to HTTP, so that no envelope sees a problem.
fn log(tool: &str, problem: &Problem) {
    let (problem_key, error) = (problem.key(), ErrorChain::new(problem.source()));
    if problem.status().is_server_error() {
        tracing::error!(tool, problem_key, %error, "tool failed");
    } else {
        tracing::debug!(tool, problem_key, %error, "tool refused");
    }
}

const BROKEN: &str = "media.broken";
const SEARCH: &str = "media.search";
const SLOW: &str = "media.slow";
