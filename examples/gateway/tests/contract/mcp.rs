//! JSON-RPC 2.0 and MCP over HTTP, where all goes well or a message is at fault.

use serde_json::{Value, json};

use crate::support::{Gateway, PROTOCOLS, TestResponse, assert_limit_fields};

pub(crate) const PREFIXES: [&str; 2] = ["/routermcp", "/ads"];

pub(crate) fn assert_rpc(prefix: &str, response: &TestResponse) {
    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.field("content-type"), "application/json");
    assert!(!response.has("mcp-session-id"));
    assert_limit_fields(prefix, response);
}

async fn assert_error(gateway: &Gateway, prefix: &str, body: &str, expected: (&str, i64)) {
    for protocol in PROTOCOLS {
        let ask = gateway.post(&format!("{prefix}/mcp"), body.to_owned());
        let response = ask.over(protocol).send().await;

        assert_rpc(prefix, &response);
        let (id, code) = expected;
        let start = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":""#);
        assert!(response.text().starts_with(&start), "{body}: {response:?}");
        assert!(response.json().get("result").is_none(), "{response:?}");
    }
}

async fn result(gateway: &Gateway, prefix: &str, body: &Value) -> Value {
    let mut responses = Vec::new();
    for protocol in PROTOCOLS {
        let ask = gateway.post(&format!("{prefix}/mcp"), body.to_string());
        let response = ask.over(protocol).send().await;

        assert_rpc(prefix, &response);
        let mut json = response.json();
        assert!(json.get("error").is_none(), "{response:?}");
        assert_eq!(
            (&json["jsonrpc"], &json["id"]),
            (&json!("2.0"), &body["id"])
        );
        responses.push(json["result"].take());
    }
    assert_eq!(responses[0], responses[1]);
    responses.remove(0)
}

fn request(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

fn tool(name: &str) -> Value {
    request("tools/call", &json!({"name": name, "arguments": {}}))
}

#[tokio::test]
async fn initialize_agrees_on_a_version_and_offers_tools() {
    let gateway = Gateway::start().await;

    for prefix in PREFIXES {
        for version in ["2025-06-18", "2025-03-26"] {
            let params = json!({
                "protocolVersion": version,
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            });
            let result = result(&gateway, prefix, &request("initialize", &params)).await;

            assert_eq!(result["protocolVersion"], version);
            assert!(result["capabilities"]["tools"].is_object(), "{result}");
            assert!(result["serverInfo"]["name"].is_string(), "{result}");
            assert!(result["serverInfo"]["version"].is_string(), "{result}");
        }
        let unknown = request("initialize", &json!({"protocolVersion": "1999-01-01"}));
        let result = result(&gateway, prefix, &unknown).await;
        assert_ne!(result["protocolVersion"], "1999-01-01");
    }
}

#[tokio::test]
async fn ping_is_an_empty_result_without_initialize_or_accept() {
    let gateway = Gateway::start().await;

    for prefix in PREFIXES {
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});

        assert_eq!(result(&gateway, prefix, &ping).await, json!({}));
    }
}

#[tokio::test]
async fn the_three_tools_are_listed_with_a_schema() {
    let gateway = Gateway::start().await;

    for prefix in PREFIXES {
        let result = result(&gateway, prefix, &request("tools/list", &json!({}))).await;

        let tools = result["tools"].as_array().expect("a list");
        let mut names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str()).collect();
        names.sort_unstable();
        let expected = ["media.broken", "media.search", "media.slow"].map(Some);
        assert_eq!(names, expected);
        assert!(
            tools
                .iter()
                .all(|tool| tool["inputSchema"]["type"] == "object")
        );
    }
}

#[tokio::test]
async fn a_tool_that_works_has_content() {
    let gateway = Gateway::start().await;

    for prefix in PREFIXES {
        for params in [
            json!({"name": "media.search"}),
            json!({"name": "media.search", "arguments": {}}),
            json!({"name": "media.search", "arguments": null}),
            json!({"name": "media.search", "arguments": {"query": "alien"}}),
            json!({"name": "media.search", "arguments": {}, "_meta": {"progressToken": 1}}),
        ] {
            let result = result(&gateway, prefix, &request("tools/call", &params)).await;

            assert_eq!(result["content"][0]["type"], "text");
            assert!(result["content"][0]["text"].is_string(), "{result}");
            assert!(matches!(
                result.get("isError"),
                None | Some(Value::Bool(false))
            ));
        }
    }
}

#[tokio::test]
async fn a_tool_whose_upstream_fails_is_an_error_under_routermcp() {
    let gateway = Gateway::hasty().await;

    for name in ["media.broken", "media.slow"] {
        let call = tool(name).to_string();
        assert_error(&gateway, "/routermcp", &call, ("1", -32004)).await;
    }
}

#[tokio::test]
async fn a_tool_whose_upstream_fails_is_a_result_under_ads() {
    let gateway = Gateway::hasty().await;

    for name in ["media.broken", "media.slow"] {
        let result = result(&gateway, "/ads", &tool(name)).await;

        assert_eq!(result["isError"], true);
        let text = result["content"][0]["text"].as_str().expect("a text");
        // As the document has it: `Error listing campaigns: Invalid access token`.
        assert!(text.starts_with("Error ") && text.contains(": "), "{text}");
        assert!(
            !text.contains("hunter2") && !text.contains("127.0.0.1"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn errors_have_the_codes_of_the_documents() {
    let gateway = Gateway::start().await;
    let rows = [
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#,
            "1",
            -32601,
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":""}"#, "1", -32601),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#,
            "1",
            -32602,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#,
            "1",
            -32602,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"media.search","arguments":7}}"#,
            "1",
            -32602,
        ),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, "1", -32600),
        (r#"{"id":1,"method":"ping"}"#, "1", -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, "1", -32600),
        (
            r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#,
            "null",
            -32600,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#,
            "null",
            -32600,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"no/such","method":"ping"}"#,
            "null",
            -32600,
        ),
        ("{}", "null", -32600),
        ("7", "null", -32600),
        ("null", "null", -32600),
        ("[]", "null", -32600),
        ("{", "null", -32700),
        ("", "null", -32700),
        ("[{\"jsonrpc\":\"2.0\",", "null", -32700),
        ("{} {}", "null", -32700),
    ];

    for prefix in PREFIXES {
        for (body, id, code) in rows {
            assert_error(&gateway, prefix, body, (id, code)).await;
        }
        let unknown = if prefix == "/ads" { -32602 } else { -32002 };
        for name in ["search", "media.Search", "", "media.search "] {
            assert_error(&gateway, prefix, &tool(name).to_string(), ("1", unknown)).await;
        }
    }
}

/// A client that waits for id 3 waits for ever if the response has none.
#[tokio::test]
async fn the_id_of_an_invalid_request_is_sent_where_it_can_be_known() {
    let gateway = Gateway::start().await;

    for prefix in PREFIXES {
        for body in [
            r#"{"jsonrpc":"2.0","id":3,"method":7}"#,
            r#"{"jsonrpc":2.0,"id":3,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":3,"method":"ping","params":"x"}"#,
        ] {
            assert_error(&gateway, prefix, body, ("3", -32600)).await;
        }
    }
}
