//! [Messages](https://modelcontextprotocol.io/specification/2026-07-28/basic/index#messages) and `_meta`.

use serde_json::json;

use super::call::{Call, PATHS, assert_error, assert_result, each};
use crate::support::{Gateway, Protocol};

// basic, requests

#[tokio::test]
async fn requests_must_include_a_string_or_integer_id() {
    let gateway = Gateway::start().await;

    for id in [json!("a"), json!(0), json!(-7), json!("")] {
        assert_result(&gateway, &Call::of("tools/list").id(id), |_| {}).await;
    }
    for id in [json!(1.5), json!([1]), json!({}), json!(true)] {
        let call = Call::of("tools/list").id(id);
        each(&gateway, &call, |_, response| {
            assert_eq!(response.status, 400, "{response:?}");
            assert_eq!(response.json()["error"]["code"], -32600);
        })
        .await;
    }
}

#[tokio::test]
async fn a_member_that_occurs_twice_is_invalid() {
    let gateway = Gateway::start().await;
    let call = Call::of("tools/list");
    let body = call.body.to_string();

    for twice in [
        r#"{"result":1,"result":2,"#,
        r#"{"method":"tools/list","#,
        r#"{"id":8,"#,
    ] {
        let body = body.replacen('{', twice, 1);
        for path in PATHS {
            let ask = call.ask(&gateway, path, Protocol::Http1);
            let response = ask.body(body.clone()).send().await;

            assert_eq!(response.status, 400, "{body}: {response:?}");
            assert_eq!(response.json()["error"]["code"], -32600, "{response:?}");
        }
    }
}

#[tokio::test]
async fn the_id_must_not_be_null() {
    let gateway = Gateway::start().await;

    each(
        &gateway,
        &Call::of("tools/list").id(json!(null)),
        |_, response| {
            assert_eq!(response.status, 400, "{response:?}");
            assert_eq!(response.json()["error"]["code"], -32600);
            assert_eq!(response.json().get("id"), None, "{response:?}");
        },
    )
    .await;
}

// basic, responses

#[tokio::test]
async fn the_result_must_include_a_result_type() {
    let gateway = Gateway::start().await;

    for call in [
        Call::of("server/discover"),
        Call::of("tools/list"),
        Call::tool("media.search"),
        Call::tool("media.broken"),
    ] {
        assert_result(&gateway, &call, |result| {
            assert_eq!(result["resultType"], "complete", "{result}");
            // A SHOULD: a server identifies itself in every result.
            let server = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
            assert!(
                server["name"].is_string() && server["version"].is_string(),
                "{result}"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn error_responses_must_include_the_same_id_except_where_it_could_not_be_read() {
    let gateway = Gateway::start().await;

    for id in [json!("a"), json!(3)] {
        assert_error(&gateway, &Call::of("no/such").id(id), 404, -32601).await;
    }
    for (body, code) in [
        ("{", -32700),
        ("", -32700),
        ("{} {}", -32700),
        ("7", -32600),
    ] {
        for path in PATHS {
            let ask = Call::of("tools/list").ask(&gateway, path, Protocol::Http1);
            let response = ask.body(body).send().await;

            assert_eq!(response.status, 400, "{response:?}");
            let start = format!(r#"{{"jsonrpc":"2.0","error":{{"code":{code},"message":""#);
            assert!(response.text().starts_with(&start), "{response:?}");
        }
    }
}

/// Of `-32000` to `-32099` only `-32020` to `-32022` are defined.
#[tokio::test]
async fn a_code_of_the_reserved_range_that_is_not_defined_must_not_be_emitted() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m", "--timeout", "200ms"]).await;
    let calls = [
        Call::tool("no.such"),
        Call::tool("media.broken"),
        Call::tool("media.slow"),
        Call::of("no/such"),
        Call::of("tools/list").and("x-client-version", "1.1.9"),
        Call::of("tools/list").and("x-client-version", "nonsense"),
        Call::of("tools/list").version("1900-01-01"),
        Call::of("tools/list").without("mcp-method"),
    ];

    for (index, call) in calls.into_iter().enumerate() {
        for path in PATHS {
            let key = format!("{index}{path}");
            let call = call.clone().and("x-api-key", &key);
            for _ in 0..2 {
                let response = call.ask(&gateway, path, Protocol::Http1).send().await;

                let body = response.json();
                let Some(code) = body.get("error").map(|error| error["code"].as_i64()) else {
                    continue;
                };
                let code = code.expect("an integer");
                let is_defined = matches!(code, -32700 | -32603..=-32600 | -32022..=-32020);
                assert!(is_defined || code > 0, "{call:?}: {response:?}");
            }
        }
    }
}

/// The document of RouterMCP has it for a tool that is not known.
#[tokio::test]
async fn resource_not_found_32002_must_not_be_emitted() {
    let gateway = Gateway::start().await;

    assert_error(&gateway, &Call::tool("no.such"), 400, -32602).await;
}

// basic, _meta

#[tokio::test]
async fn a_request_missing_a_required_member_of_meta_must_be_rejected_with_32602_and_400() {
    let gateway = Gateway::start().await;

    for name in ["protocolVersion", "clientCapabilities"] {
        let mut call = Call::tool("media.search");
        call.meta()
            .remove(&format!("io.modelcontextprotocol/{name}"));
        assert_error(&gateway, &call, 400, -32602).await;
    }
    for params in [json!({}), json!({"_meta": 7}), json!([])] {
        let mut call = Call::of("tools/list");
        call.body["params"] = params;
        assert_error(&gateway, &call, 400, -32602).await;
    }
    let mut call = Call::of("tools/list");
    call.meta().remove("io.modelcontextprotocol/clientInfo");
    assert_result(&gateway, &call, |_| {}).await;
}

#[tokio::test]
async fn servers_must_not_rely_on_prior_requests() {
    let gateway = Gateway::start().await;

    assert_result(&gateway, &Call::tool("media.search"), |result| {
        assert_eq!(result["content"][0]["type"], "text", "{result}");
        assert_eq!(result["isError"], false, "{result}");
    })
    .await;
}
