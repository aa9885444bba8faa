//! A version of an API that the service does not support.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body_util::Full;
use tokio_test::block_on;
use tower::{Layer, service_fn};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::version_gate::SupportedVersionsLayer;
use tower_edge_tests::oneshot;

use crate::response::FORMATS;

// Model Context Protocol, transports: an unsupported version is 400.
// https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#protocol-version-header
#[test]
fn each_format_has_the_supported_versions() {
    let header = HeaderName::from_static("mcp-protocol-version");
    let layer = SupportedVersionsLayer::new(header, ["2025-06-18", "2025-03-26"]).unwrap();
    let mut bodies = Vec::new();
    for (name, format) in FORMATS {
        let inner = layer.layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("served")))
        }));
        let service = EnvelopeLayer::new(format).layer(inner);
        let request = Request::get("/").header("mcp-protocol-version", "1999-01-01");

        let response = block_on(oneshot(service, request.body(()).unwrap()));

        assert_eq!(response.list("cache-control"), "no-store", "{name}");
        bodies.push(format!("{name}: {} {}", response.status, response.text()));
    }

    let expected = [
        r#"problem details: 400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"MESSAGE","supported":["2025-06-18","2025-03-26"],"requested":"1999-01-01"}"#,
        r#"PlexMCP: 400 {"success":false,"error":{"code":"invalid_request","message":"MESSAGE","details":{"supported":["2025-06-18","2025-03-26"],"requested":"1999-01-01"}}}"#,
        r#"Plexichat: 400 {"error":{"code":400,"message":"MESSAGE","supported":["2025-06-18","2025-03-26"],"requested":"1999-01-01"}}"#,
        r#"ads: 400 {"error":"MESSAGE","code":"BAD_REQUEST"}"#,
        r#"MediaNest: 400 {"success":false,"error":{"code":"INVALID_INPUT","message":"MESSAGE","details":{"supported":["2025-06-18","2025-03-26"],"requested":"1999-01-01"}}}"#,
        r#"RouterMCP: 400 {"error":"bad_request","message":"MESSAGE"}"#,
        r#"RouterMCP by JSON-RPC: 200 {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request","data":{"reason":"MESSAGE","supported":["2025-06-18","2025-03-26"],"requested":"1999-01-01"}}}"#,
        r#"AIP-193: 400 {"error":{"code":400,"message":"MESSAGE","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"UNSUPPORTED_VERSION","domain":"","metadata":{"requested":"1999-01-01"}}]}}"#,
        r#"Connect: 400 {"code":"invalid_argument","message":"MESSAGE","details":[{"type":"google.rpc.ErrorInfo","value":"ChNVTlNVUFBPUlRFRF9WRVJTSU9OGhcKCXJlcXVlc3RlZBIKMTk5OS0wMS0wMQ","debug":{"reason":"UNSUPPORTED_VERSION","domain":"","metadata":{"requested":"1999-01-01"}}}]}"#,
        r#"JSON:API: 400 {"errors":[{"status":"400","code":"unsupported_version","title":"Unsupported Version","detail":"MESSAGE","meta":{"supported":["2025-06-18","2025-03-26"],"requested":"1999-01-01"}}]}"#,
        r#"MCP: 400 {"jsonrpc":"2.0","error":{"code":-32022,"message":"Unsupported protocol version","data":{"reason":"MESSAGE","supported":["2025-06-18","2025-03-26"],"requested":"1999-01-01"}}}"#,
    ];
    let message =
        "mcp-protocol-version 1999-01-01 is not supported (supported: 2025-06-18, 2025-03-26)";
    assert_eq!(
        bodies,
        expected.map(|body| body.replace("MESSAGE", message))
    );
}
