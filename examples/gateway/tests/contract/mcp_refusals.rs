//! JSON-RPC where HTTP, or a layer, turns the request away.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Gateway, PROTOCOLS, Protocol, TestResponse, assert_limit_fields, assert_no_limit_fields, raw,
    rows,
};

const IDS: [&str; 4] = ["12345678901234567890123", "\"a\"", "0", "null"];

fn ping(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#)
}

fn assert_rpc_error(response: &TestResponse, status: u16, id: &str, code: i64) {
    assert_eq!(response.status, status, "{response:?}");
    assert_eq!(response.field("content-type"), "application/json");
    let start = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"#);
    assert!(response.text().starts_with(&start), "{response:?}");
    assert!(
        response.json()["error"]["message"].is_string(),
        "{response:?}"
    );
}

#[tokio::test]
async fn only_post_is_served() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for method in [Method::GET, Method::DELETE, Method::PUT] {
            let ask = gateway.ask(method.clone(), "/ads/mcp").over(protocol);
            let response = ask.send().await;
            rows::METHOD.assert("/ads", &response);
            assert_eq!(response.field("allow"), "POST");
        }
        for method in [Method::GET, Method::DELETE, Method::PUT] {
            let ask = gateway.ask(method.clone(), "/routermcp/mcp").over(protocol);
            let response = ask.send().await;
            assert_eq!(
                (response.status, response.field("allow")),
                (405, "POST"),
                "{method}"
            );
            assert_limit_fields("/routermcp", &response);
        }
    }
}

/// A HEAD is a GET without the body.
#[tokio::test]
async fn head_is_405_as_get_is() {
    let gateway = Gateway::start().await;

    for path in ["/routermcp/mcp", "/ads/mcp"] {
        let response = gateway.ask(Method::HEAD, path).send().await;

        assert_eq!((response.status, response.field("allow")), (405, "POST"));
    }
}

#[tokio::test]
async fn a_rate_limit_is_429_with_the_id_under_routermcp() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;

    for protocol in PROTOCOLS {
        for id in IDS {
            let key = format!("{protocol:?}{id}");
            let ask = || {
                let ask = gateway.post("/routermcp/mcp", ping(id)).over(protocol);
                ask.header("x-api-key", &key)
            };
            assert_eq!(ask().send().await.status, 200);
            let refused = ask().send().await;

            assert_rpc_error(&refused, 429, id, -32005);
            assert_eq!(refused.json()["error"]["message"], "Rate limit exceeded");
            assert!((1..=60).contains(&refused.number("retry-after")));
            assert_limit_fields("/routermcp", &refused);
        }
    }
}

#[tokio::test]
async fn a_batch_over_the_limit_gets_one_error_for_each_id() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;
    gateway.get("/routermcp/api/media/7").send().await;
    let batch = format!(
        r#"[{},{{"jsonrpc":"2.0","method":"n"}},{}]"#,
        ping("1"),
        ping("\"b\"")
    );

    for protocol in PROTOCOLS {
        let ask = gateway.post("/routermcp/mcp", batch.clone()).over(protocol);
        let response = ask.send().await;

        assert_eq!(response.status, 429, "{response:?}");
        let body = response.json();
        let errors: Vec<_> = body.as_array().expect("a batch").iter().collect();
        let of = |error: &Value| (error["id"].clone(), error["error"]["code"].clone());
        assert_eq!(of(errors[0]), (json!(1), json!(-32005)));
        assert_eq!(of(errors[1]), (json!("b"), json!(-32005)));
        assert_eq!(errors.len(), 2, "{body}");
    }
}

#[tokio::test]
async fn a_large_batch_over_the_limit_gets_one_error_for_each_id() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;
    gateway.get("/routermcp/api/media/7").send().await;
    let pings: Vec<_> = (0..60).map(|id| ping(&id.to_string())).collect();

    let ask = gateway.post("/routermcp/mcp", format!("[{}]", pings.join(",")));
    let response = ask.send().await;

    assert_eq!(response.status, 429, "{response:?}");
    assert_eq!(
        response.json().as_array().map(Vec::len),
        Some(60),
        "{response:?}"
    );
}

/// The id is in a body that does not come; the refusal does not wait for it for ever.
#[tokio::test]
async fn a_rate_limit_does_not_wait_for_a_body_that_stops() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;
    gateway.get("/routermcp/api/media/7").send().await;
    let request = "POST /routermcp/mcp HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                   content-type: application/json\r\ncontent-length: 60\r\n\r\n{\"id\": 1,";

    let response = raw(&gateway, request).await;

    assert_rpc_error(&response, 429, "null", -32005);
}

#[tokio::test]
async fn a_rate_limit_without_a_message_to_read_is_429_all_the_same() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;
    gateway.get("/routermcp/api/media/7").send().await;

    for body in ["{", "", "[]", "7"] {
        let response = gateway.post("/routermcp/mcp", body).send().await;

        assert_rpc_error(&response, 429, "null", -32005);
    }
}

#[tokio::test]
async fn a_rate_limit_is_the_flat_error_under_ads() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;
    gateway.get("/ads/api/media/7").send().await;

    for protocol in PROTOCOLS {
        let response = gateway
            .post("/ads/mcp", ping("1"))
            .over(protocol)
            .send()
            .await;

        rows::LIMITED.assert("/ads", &response);
        assert_limit_fields("/ads", &response);
    }
}

#[tokio::test]
async fn an_outdated_client_is_200_with_an_error_under_routermcp() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for id in IDS {
            for version in ["1.1.9", "nonsense"] {
                let ask = gateway.post("/routermcp/mcp", ping(id)).over(protocol);
                let response = ask.header("x-client-version", version).send().await;

                assert_rpc_error(&response, 200, id, -32600);
                assert_no_limit_fields(&response);
                assert!(!response.has("upgrade"), "{response:?}");
                if version == "1.1.9" {
                    let data = &response.json()["error"]["data"];
                    assert_eq!(data["client_version"], "1.1.9");
                    assert_eq!(data["min_version"], "1.2.0");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_outdated_client_is_the_flat_426_under_ads() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        let ask = gateway.post("/ads/mcp", ping("1")).over(protocol);
        let response = ask.header("x-client-version", "1.1.9").send().await;

        rows::OUTDATED.assert("/ads", &response);
        assert_eq!(response.has("upgrade"), protocol == Protocol::Http1);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let gateway = Gateway::start().await;
    let large = format!("{}{}", ping("1"), " ".repeat(64 * 1024));
    let largest = format!("{}{}", ping("1"), " ".repeat(64 * 1024 - ping("1").len()));

    for protocol in PROTOCOLS {
        for path in ["/routermcp/mcp", "/ads/mcp"] {
            let ask = gateway.post(path, largest.clone()).over(protocol);
            assert_eq!(ask.send().await.json()["id"], 1);
        }
        let ads = gateway.post("/ads/mcp", large.clone()).over(protocol);
        rows::TOO_LARGE.assert("/ads", &ads.send().await);
        let rpc = gateway.post("/routermcp/mcp", large.clone()).over(protocol);
        let rpc = rpc.send().await;
        assert_eq!(rpc.status, 200, "{rpc:?}");
        assert_eq!(rpc.json()["error"]["code"], -32600, "{rpc:?}");
    }
}

/// MCP, transports, security warning: a MUST of 2025-11-25, and the check of the revisions before it.
#[tokio::test]
async fn an_invalid_origin_is_403_in_each_revision() {
    let gateway = Gateway::start().await;
    let versions = [
        None,
        Some("2024-11-05"),
        Some("2025-03-26"),
        Some("2025-06-18"),
        Some("2025-11-25"),
    ];

    for path in ["/routermcp/mcp", "/routermcp/mcp/", "/ads/mcp", "/ads/mcp/"] {
        for version in versions {
            let ask = |origin| {
                let ask = gateway.post(path, ping("5")).header("origin", origin);
                ask.headers(version.map(|it| ("mcp-protocol-version", it)).as_slice())
            };
            for origin in ["nonsense", "example.com", "https://example.com/path"] {
                let response = ask(origin).send().await;

                assert_eq!(response.status, 403, "{version:?}: {response:?}");
                assert_eq!(response.field("content-type"), "application/json");
                assert!(response.json()["error"]["code"].is_i64(), "{response:?}");
            }
            for origin in ["https://example.com", "null"] {
                assert_eq!(ask(origin).send().await.status, 200, "{version:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_content_type_is_refused() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for content_type in ["text/plain", ""] {
            let ask = |path| {
                let ask = gateway.ask(Method::POST, path).over(protocol);
                ask.header("content-type", content_type).body(ping("5"))
            };
            rows::MEDIA_TYPE.assert("/ads", &ask("/ads/mcp").send().await);
            // Every error there is 200, with the id of the request.
            let rpc = ask("/routermcp/mcp").send().await;
            assert_rpc_error(&rpc, 200, "5", -32600);
        }
    }
}

/// MCP, sending messages to the server: an HTTP error status, where 202 would say that they were taken.
#[tokio::test]
async fn refused_notifications_and_responses_get_the_http_status() {
    let gateway = Gateway::with(&["--limit", "burst=1/1m"]).await;

    for message in [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"[{"jsonrpc":"2.0","method":"x"},{"jsonrpc":"2.0","id":1,"result":{}}]"#,
    ] {
        let length = message.len();
        let post = |fields: &str| {
            let request = format!(
                "POST /routermcp/mcp HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{fields}\r\n\
                 content-length: {length}\r\n\r\n{message}"
            );
            let gateway = &gateway;
            async move { raw(gateway, request).await }
        };
        let key = format!("content-type: application/json\r\nx-api-key: {length}");
        for (fields, status) in [
            (&*key, 202),
            (&key, 429),
            (
                "content-type: application/json\r\nx-client-version: 1.1.9",
                426,
            ),
            (
                &format!("content-type: text/plain\r\nx-api-key: t{length}"),
                415,
            ),
        ] {
            let response = post(fields).await;

            assert_eq!(
                (response.status, response.text()),
                (status, ""),
                "{message}"
            );
            assert!(!response.has("content-type"), "{response:?}");
        }
    }
}

#[tokio::test]
async fn elsewhere_under_routermcp_errors_have_their_status() {
    let gateway = Gateway::start().await;

    for path in ["/mcp//", "/mcp/x", "/mcpx", "/api/nothing"] {
        let response = gateway.post(&format!("/routermcp{path}"), ping("1"));

        rows::ROUTE.assert("/routermcp", &response.send().await);
    }
}
