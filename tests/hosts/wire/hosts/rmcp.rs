//! rmcp's server of MCP over HTTP.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;

use http::Method;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer};
use tower_edge_formats::mcp::Mcp;
use tower_edge_tests::Protocol;

use crate::call::{Call, Outcomes};
use crate::handlers::LARGE;
use crate::host::Host;
use crate::hosts::jsonrpsee::IDS_ARE_IN_THE_BODY;
use crate::stack::stack;

#[derive(Clone)]
struct Tools;

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if request.name == "slow" {
            pending::<()>().await;
        }
        let content = vec![ContentBlock::text(LARGE)];
        Ok(CallToolResponse::Complete(CallToolResult::success(content)))
    }
}

async fn start() -> SocketAddr {
    let config = StreamableHttpServerConfig::default();
    let server: StreamableHttpService<Tools, LocalSessionManager> =
        StreamableHttpService::new(|| Ok(Tools), Arc::default(), config);
    let service = tower::ServiceBuilder::new()
        .layer(JsonRpcIdLayer::new(64 * 1024))
        .layer(stack!(EnvelopeLayer::new(Mcp::new())).into_inner())
        .service(server);
    tower_edge_tests::serve(service).await
}

/// A request of the revision that has no sessions.
fn call(method: &str, params: serde_json::Value) -> Call {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    mcp(body.to_string())
        .with("mcp-protocol-version", "2026-07-28")
        .with("mcp-method", method)
}

fn mcp(body: String) -> Call {
    Call::post("/mcp", "application/json", body)
        .with("accept", "application/json, text/event-stream")
        .with_outcomes(Outcomes {
            // MCP's "Invalid params".
            invalid: "400",
            content_type: "application/json",
            ..Outcomes::HTTP
        })
}

fn tool(name: &str) -> Call {
    call("tools/call", json!({"name": name})).with("mcp-name", name)
}

/// It opens a session.
fn initialize() -> Call {
    let params = json!({
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    });
    mcp(json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).to_string())
}

#[tokio::test]
async fn the_layers_hold_around_a_server_of_rmcp() {
    let calls = vec![
        call("server/discover", json!({})),
        tool("large"),
        initialize(),
    ];
    let upload = calls[0].clone();
    let mut host = Host::new(|| Box::pin(start()), calls, upload.clone());
    host.slow = vec![tool("slow").with("x-request-timeout-ms", "50")];
    host.own = vec![
        (
            upload.with_method(Method::DELETE),
            "405",
            "application/json",
        ),
        (
            initialize().with("content-type", "text/csv"),
            "415",
            "application/json",
        ),
    ];
    host.except(
        "expect, refused",
        Some(Protocol::Http1),
        "100 to POST",
        IDS_ARE_IN_THE_BODY,
    )
    .verify()
    .await;
}
