//! The [standard request headers](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#standard-request-headers).

use super::call::{Call, VERSION, assert_error, assert_result};
use crate::support::{Gateway, raw};

// transports, standard request headers and server validation

#[tokio::test]
async fn a_standard_header_that_is_missing_must_be_rejected_with_400_and_32020() {
    let gateway = Gateway::start().await;

    for name in ["mcp-protocol-version", "mcp-method", "mcp-name"] {
        let call = Call::tool("media.search").without(name);
        assert_error(&gateway, &call, 400, -32020).await;
    }
}

#[tokio::test]
async fn a_header_that_differs_from_the_body_must_be_rejected_with_400_and_32020() {
    let gateway = Gateway::start().await;

    for (name, value) in [
        ("mcp-method", "tools/list"),
        // Values are case-sensitive.
        ("mcp-method", "Tools/Call"),
        ("mcp-name", "media.broken"),
        ("mcp-name", "Media.Search"),
        ("mcp-name", ""),
    ] {
        let call = Call::tool("media.search").with(name, value);
        assert_error(&gateway, &call, 400, -32020).await;
    }
    for name in ["mcp-method", "mcp-name"] {
        let call = Call::tool("media.search");
        let (_, value) = call
            .fields
            .iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .clone();
        assert_error(&gateway, &call.and(name, &value), 400, -32020).await;
    }
}

#[tokio::test]
async fn a_header_with_invalid_characters_must_be_rejected_with_400_and_32020() {
    let gateway = Gateway::start().await;

    for value in ["=?base64?*?=", "=?base64?/w==?=", "m\u{e9}dia"] {
        let call = Call::tool("media.search").with("mcp-name", value);
        assert_error(&gateway, &call, 400, -32020).await;
    }
}

#[tokio::test]
async fn an_encoded_name_must_be_decoded_before_it_is_compared() {
    let gateway = Gateway::start().await;

    let call = Call::tool("media.search").with("mcp-name", "=?base64?bWVkaWEuc2VhcmNo?=");
    assert_result(&gateway, &call, |_| {}).await;
    let call = Call::tool("媒体").with("mcp-name", "=?base64?5aqS5L2T?=");
    assert_error(&gateway, &call, 400, -32602).await;
}

#[tokio::test]
async fn header_names_must_be_compared_without_regard_to_case() {
    let gateway = Gateway::start().await;
    let call = Call::of("tools/list");
    let body = call.body.to_string();
    let request = format!(
        "POST /ads/mcp HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n\
         MCP-PROTOCOL-VERSION: {VERSION}\r\nmCP-mETHOD: tools/list\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );

    let response = raw(&gateway, request).await;

    assert_eq!(response.status, 200, "{response:?}");
}

/// A header field of a tool's parameter that the server does not know is ignored.
#[tokio::test]
async fn an_unknown_parameter_header_must_be_ignored() {
    let gateway = Gateway::start().await;

    let call = Call::tool("media.search").and("mcp-param-region", "us-west1");
    assert_result(&gateway, &call, |_| {}).await;
}
