//! [MCP 2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28): each request stands alone. Its errors are
//! problems for the envelope, which writes them as that revision has them.

use http::{HeaderMap, StatusCode};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tower_edge::Problem;
use tower_edge::envelope::{Context, Format, JsonRpcIds};
use tower_edge_formats::mcp::{self, Mcp, McpFields};

use super::message::{Message, response};
use super::{VERSIONS, methods, tools};
use crate::routes::Api;
use crate::upstream::UpstreamFields;

/// Whether a client speaks this revision. One that speaks a version which is not served is sent its errors too.
pub(crate) fn is_modern(fields: &McpFields<'_>) -> bool {
    match fields.version() {
        Some(version) => !VERSIONS[1..].contains(&version),
        None => !fields.is_empty(),
    }
}

/// The response to one message; `None` where there is none.
pub(super) async fn serve(
    api: &Api,
    upstream: &UpstreamFields,
    fields: &HeaderMap,
    body: &[u8],
) -> Result<Option<Vec<u8>>, Problem> {
    mcp::validate(fields, body)?;
    match Message::read(body) {
        Message::Request { id, method, params } => {
            let result = call(api, upstream, &method, params.as_deref()).await?;
            Ok(Some(response(&id, &result)))
        }
        Message::Silent => Ok(None),
        Message::Invalid { .. } => Err(Problem::from(&mcp::INVALID_REQUEST)),
    }
}

async fn call(
    api: &Api,
    fields: &UpstreamFields,
    method: &str,
    params: Option<&RawValue>,
) -> Result<Value, Problem> {
    let mut result = match method {
        "server/discover" => json!({
            "supportedVersions": VERSIONS,
            "capabilities": {"tools": {"listChanged": false}},
            "ttlMs": TTL_MS,
            "cacheScope": "public",
        }),
        "tools/list" => json!({"tools": tools::list(), "ttlMs": TTL_MS, "cacheScope": "public"}),
        "tools/call" => tools::call(api, fields, params, true).await?,
        _ => return Err(Problem::from(&mcp::METHOD_NOT_FOUND)),
    };
    result["resultType"] = json!("complete");
    result["_meta"] = json!({"io.modelcontextprotocol/serverInfo": methods::server_info()});
    Ok(result)
}

/// A request that names 2026-07-28 only in its body. The envelope chose the format by the fields, so the error is written
/// here.
pub(super) fn other_version(
    api: &Api,
    fields: &HeaderMap,
    body: &[u8],
) -> Option<(StatusCode, Vec<u8>)> {
    let message: Value = serde_json::from_slice(body).ok()?;
    let version = "/params/_meta/io.modelcontextprotocol~1protocolVersion";
    let version = message.pointer(version)?.as_str()?;
    if McpFields::from(fields).version() == Some(version) {
        return None;
    }
    let problem = mcp::validate(fields, body).err()?;
    let ids = JsonRpcIds::from_json(body);
    let context = Context::default()
        .with_json_rpc_ids(Some(&ids))
        .with_exposure(api.exposure);
    let mut out = Vec::new();
    Mcp::new().body(&problem, &context, &mut out);
    let status = Mcp::new().status(&problem, &context);
    Some((status, out))
}

/// The tools are those of this program.
const TTL_MS: u32 = 60 * 60 * 1000;
