//! Which messages get a response, and with which id.

use serde_json::{Value, json};

use crate::mcp::{PREFIXES, assert_rpc};
use crate::support::{Gateway, PROTOCOLS, assert_limit_fields};

#[tokio::test]
async fn an_id_comes_back_as_it_was_sent() {
    let gateway = Gateway::start().await;
    let ids = [
        "12345678901234567890123",
        "\"a\"",
        "0",
        "null",
        "-7",
        "\"7\"",
        "1732166400000",
        "\"\"",
        "\"\\u00e9 \\\"x\\\"\"",
        "1.5",
    ];

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            for id in ids {
                for method in ["ping", "no/such"] {
                    let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}"}}"#);
                    let ask = gateway.post(&format!("{prefix}/mcp"), body).over(protocol);
                    let response = ask.send().await;

                    assert_rpc(prefix, &response);
                    let start = format!(r#"{{"jsonrpc":"2.0","id":{id},"#);
                    assert!(response.text().starts_with(&start), "{id}: {response:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_notification_is_202_without_a_body() {
    let gateway = Gateway::start().await;
    let bodies = [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"no/such","params":{}}"#,
        r#"[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b"}]"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
    ];

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            for body in bodies {
                let ask = gateway.post(&format!("{prefix}/mcp"), body).over(protocol);
                let response = ask.send().await;

                assert_eq!(response.status, 202, "{body}: {response:?}");
                assert!(response.body.is_empty(), "{response:?}");
                assert_limit_fields(prefix, &response);
            }
        }
    }
}

#[tokio::test]
async fn a_batch_has_one_response_for_each_request() {
    let gateway = Gateway::start().await;
    let body = r#"[{"jsonrpc":"2.0","id":"x","method":"ping"},
        {"jsonrpc":"2.0","method":"notifications/initialized"},
        7,
        {"jsonrpc":"2.0","id":8,"method":"no/such","method":"ping"},
        {"jsonrpc":"2.0","id":2,"method":"no/such"},
        {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"media.search"}}]"#;

    for protocol in PROTOCOLS {
        for prefix in PREFIXES {
            let ask = gateway.post(&format!("{prefix}/mcp"), body).over(protocol);
            let response = ask.send().await;

            assert_rpc(prefix, &response);
            let responses = response.json();
            let found = |id: Value| {
                let mut all = responses.as_array().unwrap().iter();
                all.find(|response| response["id"] == id)
                    .expect("a response")
            };
            assert_eq!(responses.as_array().unwrap().len(), 5, "{responses}");
            assert_eq!(found(json!("x"))["result"], json!({}));
            let invalid = responses.as_array().unwrap().iter();
            let invalid = invalid.filter(|response| response["error"]["code"] == -32600);
            let ids: Vec<_> = invalid.map(|response| &response["id"]).collect();
            assert_eq!(ids, [&Value::Null; 2], "{responses}");
            assert_eq!(found(json!(2))["error"]["code"], -32601);
            assert!(found(json!(3))["result"]["content"].is_array());
        }
    }
}

/// A batch of one is a batch.
#[tokio::test]
async fn a_batch_of_one_gets_a_batch_of_one() {
    let gateway = Gateway::start().await;

    for prefix in PREFIXES {
        let ping = r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#;
        let response = gateway.post(&format!("{prefix}/mcp"), ping).send().await;

        assert_eq!(response.text(), r#"[{"jsonrpc":"2.0","id":1,"result":{}}]"#);
    }
}

/// As many as fit into the 64 KiB of a body.
#[tokio::test]
async fn a_large_batch_has_one_response_for_each_request() {
    let gateway = Gateway::start().await;
    let pings: Vec<_> = (0..60)
        .map(|id| json!({"jsonrpc": "2.0", "id": id, "method": "ping"}))
        .collect();

    for prefix in PREFIXES {
        let ask = gateway.post(&format!("{prefix}/mcp"), json!(pings).to_string());
        let response = ask.send().await;

        assert_rpc(prefix, &response);
        assert_eq!(
            response.json().as_array().map(Vec::len),
            Some(60),
            "{response:?}"
        );
    }
}
