//! The official SDKs of MCP as clients of the gateway, in each way in which they agree on a revision.

use std::process::Stdio;

use rmcp::model::{CallToolRequestParams, ClientConfig, ErrorCode, ProtocolVersion};
use rmcp::service::ServiceError;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;
use tower_edge_tests::in_time;

use crate::clients::SCRIPT_TIME;
use crate::support::Gateway;

const MODERN: &str = "2026-07-28";
const LEGACY: &str = "2025-11-25";
/// The mode that an SDK is set to, and the revision that it speaks then.
const MODES: [(&str, &str); 3] = [("auto", MODERN), ("legacy", LEGACY), (MODERN, MODERN)];

#[tokio::test]
async fn the_sdk_for_python_agrees_on_either_revision() {
    let gateway = gateway().await;
    let python = python().await;

    for prefix in ["/routermcp", "/ads"] {
        for (mode, version) in MODES {
            let mut command = Command::new(python);
            command.env("PYTHONPATH", tools("python"));
            let report = report(&gateway, command, "mcp_sdk.py", prefix, mode).await;

            // It takes the code of a JSON-RPC error from any response, and has one of its own for other bodies.
            let limited = match (version, prefix) {
                (MODERN, _) => json!([429, "Too Many Requests"]),
                (_, "/routermcp") => json!([-32005, "Rate limit exceeded"]),
                _ => json!([-32603, "Server returned an error response"]),
            };
            // The SDK does not ask for a pinned version, so the server does not name itself.
            let server = if mode == MODERN {
                Value::Null
            } else {
                json!("gateway")
            };
            let expected = expected(version, &server, &unknown_tool(version, prefix), &limited);
            assert_eq!(report, expected, "{prefix} {mode}");
        }
    }
}

#[tokio::test]
async fn the_sdk_for_typescript_agrees_on_either_revision() {
    let gateway = gateway().await;

    for prefix in ["/routermcp", "/ads"] {
        for (mode, version) in MODES {
            let mut command = Command::new("node");
            command.env("MCP_SDK", tools("node"));
            let report = report(&gateway, command, "mcp_sdk.mjs", prefix, mode).await;

            let unknown = unknown_tool(version, prefix);
            let limited = json!(["HTTP", 429]);
            let expected = expected(version, &json!("gateway"), &unknown, &limited);
            assert_eq!(report, expected, "{prefix} {mode}");
        }
    }
}

fn unknown_tool(version: &str, prefix: &str) -> Value {
    match (version, prefix) {
        (LEGACY, "/routermcp") => json!([-32002, "Tool not found"]),
        _ => json!([-32602, "Invalid params"]),
    }
}

fn expected(version: &str, server: &Value, unknown_tool: &Value, limited: &Value) -> Value {
    json!({
        "version": version,
        "server": server,
        "tools": ["media.search", "media.broken", "media.slow"],
        "search": {"id": 7, "title": "Medium 7"},
        // Under earlier revisions the documents disagree.
        "broken": if version == MODERN { json!(true) } else { Value::Null },
        "unknown_tool": unknown_tool,
        "limited": limited,
    })
}

#[tokio::test]
async fn rmcp_agrees_on_either_revision() {
    let gateway = gateway().await;
    let discover = || ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };

    for (path, lifecycle, unknown) in [
        ("/routermcp/mcp", discover(), -32602),
        ("/ads/mcp", discover(), -32602),
        ("/routermcp/mcp", ClientLifecycleMode::Initialize, -32002),
        ("/ads/mcp", ClientLifecycleMode::Initialize, -32602),
    ] {
        let url = format!("http://{}{path}", gateway.address);
        let transport = StreamableHttpClientTransport::from_uri(url);
        let client = ClientConfig::default().serve_with_lifecycle(transport, lifecycle);
        let client = in_time(client).await.unwrap();
        let call = |tool| in_time(client.call_tool(CallToolRequestParams::new(tool)));

        let tools = in_time(client.list_all_tools()).await.unwrap();
        assert_eq!(tools.len(), 3, "{path}");
        let found = call("media.search").await.unwrap();
        assert_eq!(found.is_error, Some(false), "{path}");
        let missing = call("no.such").await.unwrap_err();
        let ServiceError::McpError(error) = missing else {
            panic!("{missing:?}")
        };
        assert_eq!(error.code, ErrorCode(unknown), "{path}");
        in_time(client.cancel()).await.unwrap();
    }
}

/// A gateway that lets each client call it so often that all but the last calls of a script are served.
async fn gateway() -> Gateway {
    Gateway::with(&["--limit", "burst=20/1h"]).await
}

async fn report(
    gateway: &Gateway,
    mut command: Command,
    script: &str,
    prefix: &str,
    mode: &str,
) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/clients");
    let run = command
        .arg(format!("{folder}/{script}"))
        .arg(format!("http://{}{prefix}/mcp", gateway.address))
        .args([mode, &format!("{script}{prefix}{mode}")])
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let output = timeout(SCRIPT_TIME, run).await.expect("a script in time");
    let output = output.unwrap_or_else(|error| panic!("cannot run {script}: {error}; {INSTALL}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {stderr}; {INSTALL}");
    serde_json::from_slice(&output.stdout).expect("a report")
}

/// The Python that the SDK was installed for.
async fn python() -> &'static str {
    for python in ["python3", "/usr/bin/python3"] {
        let mut probe = Command::new(python);
        probe
            .args(["-c", "import mcp"])
            .env("PYTHONPATH", tools("python"));
        let status = probe.stderr(Stdio::null()).status().await;
        if status.is_ok_and(|status| status.success()) {
            return python;
        }
    }
    panic!("no Python with the SDK of MCP; {INSTALL}");
}

fn tools(name: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    format!("{root}/target/tools/mcp-sdks/{name}")
}

const INSTALL: &str = "`cargo xtask test` installs the SDKs of MCP";
