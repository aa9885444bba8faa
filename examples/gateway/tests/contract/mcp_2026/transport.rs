//! [Streamable HTTP](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http).

use http::Method;
use serde_json::{Value, json};

use super::call::{Call, LEGACY, PATHS, VERSION, assert_error, assert_result, each, is_error};
use crate::support::{Gateway, PROTOCOLS, Protocol};

// transports, security and endpoint

#[tokio::test]
async fn an_invalid_origin_must_be_403() {
    let gateway = Gateway::start().await;

    for origin in [
        "nonsense",
        "example.com",
        "https://example.com/path",
        "http://a?b",
    ] {
        let call = Call::of("tools/list").and("origin", origin);
        assert_error(&gateway, &call, 403, 403).await;
    }
    for origin in ["https://example.com", "http://localhost:3000", "null"] {
        let call = Call::of("tools/list").and("origin", origin);
        assert_result(&gateway, &call, |_| {}).await;
    }
}

// transports, sending messages

#[tokio::test]
async fn the_body_must_be_a_single_request_or_notification() {
    let gateway = Gateway::start().await;
    let list = Call::of("tools/list");

    for body in [
        json!([list.body]),
        json!([]),
        json!([list.body, list.body]),
        json!("a"),
    ] {
        for path in PATHS {
            let ask = list
                .ask(&gateway, path, Protocol::Http1)
                .body(body.to_string());
            let response = ask.send().await;

            assert_eq!(response.status, 400, "{response:?}");
            assert!(response.text().contains(r#""code":-32600"#), "{response:?}");
        }
    }
}

#[tokio::test]
async fn an_accepted_notification_must_be_202_without_a_body() {
    let gateway = Gateway::start().await;
    let mut call = Call::of("notifications/cancelled");
    call.body.as_object_mut().unwrap().remove("id");

    for call in [call.clone(), call.without("mcp-method")] {
        for protocol in PROTOCOLS {
            for path in PATHS {
                let response = call.ask(&gateway, path, protocol).send().await;

                assert_eq!(
                    (response.status, response.text()),
                    (202, ""),
                    "{response:?}"
                );
                assert!(!response.has("content-type"), "{response:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_notification_that_is_not_accepted_must_get_an_http_error_status() {
    let gateway = Gateway::start().await;
    let mut call = Call::of("notifications/cancelled").version("1900-01-01");
    call.body.as_object_mut().unwrap().remove("id");
    // Clients must not send responses.
    let mut response = Call::of("tools/list");
    response.body = json!({"jsonrpc": "2.0", "id": 1, "result": {}});

    for call in [call, response] {
        for path in PATHS {
            let ask = call.ask(&gateway, path, Protocol::Http1);
            let received = ask.send_unchecked().await;

            assert_eq!(
                (received.status, received.text()),
                (400, ""),
                "{received:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_must_get_json_or_an_event_stream() {
    let gateway = Gateway::start().await;

    for accept in [
        "application/json, text/event-stream",
        "application/json",
        "*/*",
    ] {
        let call = Call::of("tools/list").with("accept", accept);
        each(&gateway, &call, |_, response| {
            assert_eq!(response.field("content-type"), "application/json");
        })
        .await;
    }
}

// transports, protocol version header

#[tokio::test]
async fn every_post_must_include_the_version() {
    let gateway = Gateway::start().await;

    let call = Call::of("tools/list").without("mcp-protocol-version");
    assert_error(&gateway, &call, 400, -32020).await;
    // A client of an earlier revision sends neither, and no version in its body.
    let call = call.without("mcp-method");
    assert_error(&gateway, &call, 400, -32020).await;
}

#[tokio::test]
async fn a_version_that_differs_from_the_body_must_be_rejected_with_400_and_a_header_mismatch() {
    let gateway = Gateway::start().await;

    for legacy in LEGACY {
        let call = Call::tool("media.search").with("mcp-protocol-version", legacy);
        assert_error(&gateway, &call, 400, -32020).await;

        let call = Call::tool("media.search").version(legacy);
        let call = call.with("mcp-protocol-version", VERSION);
        assert_error(&gateway, &call, 400, -32020).await;
    }
    let call = Call::of("tools/list").and("mcp-protocol-version", VERSION);
    assert_error(&gateway, &call, 400, -32020).await;
}

#[tokio::test]
async fn a_version_that_is_not_implemented_must_be_400_with_the_supported_versions() {
    let gateway = Gateway::start().await;

    for version in ["1900-01-01", "2026-07-27", "2027-01-01", "nonsense"] {
        for call in [
            Call::of("tools/list"),
            Call::of("tools/list").without("mcp-method"),
        ] {
            let call = call.version(version);
            each(&gateway, &call, |_, response| {
                is_error(response, &call, 400, -32022);
                let data = &response.json()["error"]["data"];
                assert_eq!(data["requested"], version, "{response:?}");
                let supported = data["supported"].as_array().unwrap();
                assert_eq!(supported[0], VERSION, "{response:?}");
                assert_eq!(supported[1..], LEGACY.map(Value::from), "{response:?}");
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_method_that_is_not_implemented_must_be_404_with_32601() {
    let gateway = Gateway::start().await;

    // The revision has removed those that earlier ones have.
    for method in [
        "no/such",
        "initialize",
        "ping",
        "Tools/list",
        "logging/setLevel",
        "",
    ] {
        assert_error(&gateway, &Call::of(method), 404, -32601).await;
    }
}

// transports, backward compatibility: these are SHOULDs

#[tokio::test]
async fn other_methods_of_http_are_405() {
    let gateway = Gateway::start().await;

    for protocol in PROTOCOLS {
        for path in PATHS {
            for method in [Method::GET, Method::DELETE] {
                let ask = gateway.ask(method, path).over(protocol);
                let response = ask.header("mcp-protocol-version", VERSION).send().await;

                assert_eq!((response.status, response.field("allow")), (405, "POST"));
            }
        }
    }
}

#[tokio::test]
async fn a_session_and_the_id_of_an_event_are_ignored() {
    let gateway = Gateway::start().await;

    let call = Call::of("tools/list")
        .and("mcp-session-id", "a")
        .and("last-event-id", "7");
    assert_result(&gateway, &call, |_| {}).await;
}
