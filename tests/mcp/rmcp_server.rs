use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientConfig, ContentBlock, ErrorData,
    ListToolsResult, PaginatedRequestParams, ProtocolVersion, ServerCapabilities, ServerConfig,
    Tool,
};
use rmcp::service::{RequestContext, RoleServer, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient, ServerHandler};
use serde_json::json;
use tower::ServiceBuilder;
use tower_edge::Edge;
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::format::RpcErrorStyle;
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer};
use tower_edge::rate_limit::key::{GlobalKey, McpCall};
use tower_edge::rate_limit::{Limit, Limits, Quota, RateLimitLayer};
use tower_edge_formats::mcp::Mcp;
use tower_edge_tests::{Client, in_time, serve};

/// Two tools that return their own names.
#[derive(Clone)]
struct Media;

impl ServerHandler for Media {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let schema = json!({"type": "object"}).as_object().cloned();
        let schema = Arc::new(schema.unwrap_or_default());
        let tools = ["search", "update"].map(|name| Tool::new(name, "A tool.", schema.clone()));
        Ok(ListToolsResult::with_all_items(tools.into()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let content = vec![ContentBlock::text(request.name)];
        Ok(CallToolResponse::Complete(CallToolResult::success(content)))
    }
}

/// Serves the tools, two searches an hour, and rejects in this style.
async fn start(style: RpcErrorStyle) -> String {
    let config = StreamableHttpServerConfig::default();
    let server: StreamableHttpService<Media, LocalSessionManager> =
        StreamableHttpService::new(|| Ok(Media), Arc::default(), config);
    let limits = Limits::new([
        Limit::new(Quota::per_hour(100).named("all"), GlobalKey),
        Limit::new(Quota::per_hour(2).named("search"), McpCall::tool("search")),
    ]);
    let edge = Edge::new()
        .layer(EnvelopeLayer::new(Mcp::new().with_error_style(style)))
        .layer(RateLimitLayer::new(limits.unwrap()));
    let service = ServiceBuilder::new()
        .layer(CorrelationIdLayer::new())
        .layer(JsonRpcIdLayer::new(64 * 1024))
        .layer(edge)
        .service(server);
    let address = serve(service).await;
    format!("http://{address}/mcp")
}

async fn connect(
    url: &str,
    lifecycle: ClientLifecycleMode,
) -> RunningService<RoleClient, ClientConfig> {
    let transport = StreamableHttpClientTransport::from_uri(url.to_owned());
    let client = ClientConfig::default().serve_with_lifecycle(transport, lifecycle);
    in_time(client).await.unwrap()
}

fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    }
}

async fn call(
    client: &RunningService<RoleClient, ClientConfig>,
    tool: &'static str,
) -> Result<CallToolResult, ServiceError> {
    in_time(client.call_tool(CallToolRequestParams::new(tool))).await
}

fn text(result: &CallToolResult) -> &str {
    &result.content[0].as_text().unwrap().text
}

#[tokio::test]
async fn a_server_of_rmcp_serves_behind_the_layers() {
    let url = start(RpcErrorStyle::HttpStatus).await;

    for lifecycle in [modern(), ClientLifecycleMode::Initialize] {
        let client = connect(&url, lifecycle).await;

        let tools = in_time(client.list_all_tools()).await.unwrap();
        let names: Vec<_> = tools.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names, ["search", "update"]);
        assert_eq!(text(&call(&client, "update").await.unwrap()), "update");
        client.cancel().await.unwrap();
    }
}

#[tokio::test]
async fn a_tool_over_its_limit_is_rejected_by_an_error_and_others_are_not() {
    let url = start(RpcErrorStyle::JsonRpc).await;
    let client = connect(&url, modern()).await;

    for _ in 0..2 {
        assert_eq!(text(&call(&client, "search").await.unwrap()), "search");
    }
    let rejected = call(&client, "search").await.unwrap_err();
    let ServiceError::McpError(error) = rejected else {
        panic!("{rejected}")
    };
    assert_eq!((error.code.0, &*error.message), (429, "Too Many Requests"));
    assert!(error.data.unwrap()["retryAfter"].is_u64());
    assert_eq!(text(&call(&client, "update").await.unwrap()), "update");
}

#[tokio::test]
async fn a_tool_over_its_limit_is_rejected_by_a_result_that_the_model_reads() {
    let url = start(RpcErrorStyle::ToolResult).await;
    let client = connect(&url, modern()).await;

    for _ in 0..2 {
        call(&client, "search").await.unwrap();
    }
    let rejected = call(&client, "search").await.unwrap();

    assert_eq!(rejected.is_error, Some(true));
    let text = text(&rejected);
    assert!(
        text.starts_with("Too Many Requests (retry after "),
        "{text}"
    );
}

#[tokio::test]
async fn a_tool_over_its_limit_is_rejected_by_an_http_status() {
    let url = start(RpcErrorStyle::HttpStatus).await;
    let client = connect(&url, modern()).await;

    for _ in 0..2 {
        call(&client, "search").await.unwrap();
    }
    let rejected = call(&client, "search").await.unwrap_err();

    assert!(format!("{rejected:?}").contains("429"), "{rejected:?}");
}

/// The layers pass on what the server itself rejects: its codes, its statuses and its bodies.
#[tokio::test]
async fn what_the_server_rejects_itself_is_passed_on() {
    let url = start(RpcErrorStyle::HttpStatus).await;
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }}});
    let request = http::Request::post(url)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call");

    let response = Client::http_1().send_with(request, body.to_string()).await;

    assert_eq!(response.status, 400, "{response:?}");
    assert_eq!(response.json()["error"]["code"], -32020, "{response:?}");
}
