//! [Discovery, caching and tools](https://modelcontextprotocol.io/specification/2026-07-28/server/index), limits, and the revisions before.

use http::Method;
use serde_json::{Value, json};

use super::call::{Call, LEGACY, PATHS, VERSION, assert_error, assert_result, is_error};
use crate::support::{Gateway, PROTOCOLS, assert_limit_fields};

// server, discovery, caching and tools

#[tokio::test]
async fn servers_must_implement_discover() {
    let gateway = Gateway::start().await;

    assert_result(&gateway, &Call::of("server/discover"), |result| {
        let versions = result["supportedVersions"].as_array().unwrap();
        assert_eq!(versions[0], VERSION, "{result}");
        // Servers that support tools must declare the capability.
        assert!(result["capabilities"]["tools"].is_object(), "{result}");
    })
    .await;
}

#[tokio::test]
async fn servers_must_include_caching_hints() {
    let gateway = Gateway::start().await;

    for method in ["server/discover", "tools/list"] {
        assert_result(&gateway, &Call::of(method), |result| {
            assert!(result["ttlMs"].as_u64().is_some(), "{result}");
            assert_eq!(result["cacheScope"], "public", "{result}");
        })
        .await;
    }
}

#[tokio::test]
async fn servers_must_respond_to_tools_list_in_one_order() {
    let gateway = Gateway::start().await;

    assert_result(&gateway, &Call::of("tools/list"), |result| {
        let tools = result["tools"].as_array().unwrap().iter();
        let names: Vec<_> = tools.map(|tool| tool["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["media.search", "media.broken", "media.slow"]);
    })
    .await;
}

#[tokio::test]
async fn servers_must_validate_all_tool_inputs() {
    let gateway = Gateway::start().await;

    for arguments in [
        json!({"id": 0}),
        json!({"id": "7"}),
        json!({"id": 1.5}),
        json!(7),
        json!([]),
    ] {
        let mut call = Call::tool("media.search");
        call.body["params"]["arguments"] = arguments;
        assert_error(&gateway, &call, 400, -32602).await;
    }
}

#[tokio::test]
async fn a_tool_that_fails_is_a_result_for_the_model() {
    let gateway = Gateway::hasty().await;

    for name in ["media.broken", "media.slow"] {
        assert_result(&gateway, &Call::tool(name), |result| {
            assert_eq!(result["isError"], true, "{result}");
            let text = result["content"][0]["text"].as_str().unwrap();
            assert!(text.starts_with("Error "), "{text}");
        })
        .await;
    }
}

#[tokio::test]
async fn servers_must_rate_limit_tool_invocations() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;

    for protocol in PROTOCOLS {
        for path in PATHS {
            let call = Call::tool("media.search").and("x-api-key", &format!("{protocol:?}{path}"));
            assert_eq!(call.ask(&gateway, path, protocol).send().await.status, 200);
            let rejected = call.ask(&gateway, path, protocol).send().await;

            is_error(&rejected, &call, 429, 429);
            assert!((1..=60).contains(&rejected.number("retry-after")));
            assert_limit_fields(path, &rejected);
        }
    }
}

/// The envelope of the revision is that of all layers, whatever the document of the prefix has.
#[tokio::test]
async fn layers_reject_in_the_form_of_the_revision() {
    let gateway = Gateway::start().await;

    let call = Call::of("tools/list").and("x-client-version", "1.1.9");
    assert_error(&gateway, &call, 426, 426).await;
    let call = Call::of("tools/list").with("content-type", "text/plain");
    for path in PATHS {
        let ask = gateway.ask(Method::POST, path).body(call.body.to_string());
        let ask = call
            .fields
            .iter()
            .fold(ask, |ask, (name, value)| ask.header(name, value));

        is_error(&ask.send().await, &call, 415, 415);
    }
}

// The revisions before it

#[tokio::test]
async fn earlier_revisions_keep_their_rules() {
    let gateway = Gateway::start().await;

    for version in LEGACY {
        for (path, unknown) in [
            ("/routermcp/mcp", -32002),
            ("/routermcp/mcp/", -32002),
            ("/ads/mcp", -32602),
        ] {
            let post = |body: Value| {
                let ask = gateway.post(path, body.to_string());
                ask.header("mcp-protocol-version", version)
            };
            let ping = post(json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}));
            assert_eq!(ping.send().await.json()["result"], json!({}), "{version}");

            let call =
                json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}});
            let response = post(call).send().await;
            assert_eq!(response.status, 200, "{response:?}");
            assert_eq!(response.json()["error"]["code"], unknown);

            let discover = post(json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover"}));
            let response = discover.send().await;
            assert_eq!(
                (response.status, &response.json()["error"]["code"]),
                (200, &json!(-32601))
            );

            let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize",
                "params": {"protocolVersion": version}});
            let response = post(initialize).send().await.json();
            assert_eq!(response["result"]["protocolVersion"], version);
            assert_eq!(response["result"].get("resultType"), None, "{response}");
        }
    }
}

#[tokio::test]
async fn a_handshake_never_agrees_on_a_revision_that_has_none() {
    let gateway = Gateway::start().await;

    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": VERSION}});
    for path in PATHS {
        let response = gateway.post(path, initialize.to_string()).send().await;

        assert_eq!(response.json()["result"]["protocolVersion"], LEGACY[0]);
    }
}
