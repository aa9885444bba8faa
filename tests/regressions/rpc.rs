//! gRPC and JSON-RPC.

use std::future::ready;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::envelope::format::{JsonRpc, ProblemDetails, RpcErrorStyle, tool_error};
use tower_edge::envelope::{EnvelopeLayer, JsonRpcId, JsonRpcIdLayer};
use tower_edge::problem::FieldError;
use tower_edge::{BoxError, Kind, Problem};
use tower_edge_formats::routermcp;
use tower_edge_tests::{TestResponse, oneshot};

use crate::response::{call, failed, is_untouched, status, through};

// gRPC over HTTP/2: an error without messages is trailers only.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses
#[test]
fn no_plain_error_reaches_a_grpc_client() {
    let layer = EnvelopeLayer::new(ProblemDetails);
    for content_type in [
        "application/grpc",
        "Application/gRPC+proto",
        "application/grpc; a=b",
    ] {
        for (code, grpc_status) in [(404, "12"), (405, "12"), (429, "8"), (503, "14")] {
            for inner in ["text/plain", "application/json", "text/html"] {
                let inner_response = status(code)
                    .header("content-type", inner)
                    .header("content-length", "4");
                let mut received = Some(inner_response.body(Full::<Bytes>::from("text")).unwrap());
                let service = service_fn(move |_: Request<()>| {
                    let received = received.take().unwrap();
                    async move { Ok::<_, BoxError>(received) }
                });

                let response = layer.layer(service).oneshot(call(content_type));
                let response = block_on(response).unwrap();

                assert!(response.body().is_end_stream(), "{content_type} {code}");
                let received = block_on(TestResponse::read(response));
                assert_eq!((received.status, received.text()), (200, ""));
                assert_eq!(received.list("content-type"), "application/grpc");
                assert_eq!(received.list("grpc-status"), grpc_status);
                assert_eq!(received.list("content-length"), "");
            }
        }
    }
}

#[test]
fn what_grpc_has_written_itself_is_left_alone() {
    let inner_response = status(200)
        .header("content-type", "application/grpc")
        .header("grpc-status", "5");

    let response = through(
        &EnvelopeLayer::new(ProblemDetails),
        call("application/grpc"),
        inner_response.body(Full::<Bytes>::default()).unwrap(),
    );

    assert_eq!(response.list("grpc-status"), "5");
    assert!(is_untouched(&response));
}

/// The response to a JSON-RPC request that a layer rejects.
fn refused(format: JsonRpc, body: impl Into<Bytes>) -> TestResponse {
    rejected(format, body, Problem::new(Kind::Internal))
}

fn rejected(format: JsonRpc, body: impl Into<Bytes>, problem: Problem) -> TestResponse {
    let layer = (JsonRpcIdLayer::new(1024), EnvelopeLayer::new(format));
    let service = layer.layer(service_fn(move |_: Request<_>| {
        ready(Err::<Response<Full<Bytes>>, _>(problem.clone()))
    }));
    let request = Request::post("/mcp").body(Full::<Bytes>::from(body.into()));
    block_on(oneshot(service, request.unwrap()))
}

// JSON-RPC 2.0, section 5: the id is that of the request, or null where it cannot be known.
// https://www.jsonrpc.org/specification#response_object
#[test]
fn the_id_is_repeated_exactly_or_not_guessed() {
    for (body, ids) in [
        (
            r#"{"jsonrpc":"2.0","method":"x","id":12345678901234567890123}"#,
            &["12345678901234567890123"][..],
        ),
        (
            r#"{"jsonrpc":"2.0","method":"x","id":"\u00fc\n"}"#,
            &[r#""\u00fc\n""#],
        ),
        (r#"{"jsonrpc":"2.0","method":"x","id":null}"#, &["null"]),
        (r#"{"jsonrpc":"2.0","method":"x","id":1.50}"#, &["1.50"]),
        (r#"{"jsonrpc":"2.0","method":"x","id":{}}"#, &["null"]),
        ("{not json", &["null"]),
        (
            r#"[{"jsonrpc":"2.0","method":"x","id":1},{"jsonrpc":"2.0","method":"y"},{"jsonrpc":"2.0","method":"z","id":"b"}]"#,
            &["1", "\"b\""],
        ),
    ] {
        let response = refused(routermcp::RPC, body);

        assert_eq!(
            response.text().matches("\"id\":").count(),
            ids.len(),
            "{body}"
        );
        for id in ids {
            assert!(
                response.text().contains(&format!("\"id\":{id},")),
                "{}",
                response.text()
            );
        }
    }
}

// MCP, sending messages to the server: what is no request, and is not accepted, gets an HTTP error status.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
#[test]
fn a_refused_message_that_is_no_request_gets_the_http_status() {
    for style in [
        RpcErrorStyle::Mixed,
        RpcErrorStyle::HttpStatus,
        RpcErrorStyle::JsonRpc,
        RpcErrorStyle::ToolResult,
    ] {
        for body in [
            r#"{"jsonrpc":"2.0","method":"x"}"#,
            r#"[{"jsonrpc":"2.0","method":"x"}]"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            r#"[{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}},{"jsonrpc":"2.0","method":"x"}]"#,
        ] {
            let response = refused(routermcp::RPC.with_error_style(style), body);

            assert_eq!((response.status, response.text()), (500, ""), "{body}");
            assert_eq!(response.list("content-type"), "");
        }
    }
}

#[test]
fn a_response_without_a_body_has_no_type() {
    let layer = (
        JsonRpcIdLayer::new(1024),
        EnvelopeLayer::new(routermcp::RPC),
    );
    let service = layer.layer(service_fn(async |_: Request<_>| {
        let inner_response = status(500).header("content-type", "text/plain");
        Ok::<_, BoxError>(inner_response.body(Full::<Bytes>::from("text"))?)
    }));
    let notification = Full::<Bytes>::from(r#"{"jsonrpc":"2.0","method":"x"}"#);

    let request = Request::post("/mcp").body(notification).unwrap();
    let response = block_on(oneshot(service, request));

    assert_eq!((response.status, response.text()), (500, ""));
    assert_eq!(response.list("content-type"), "");
}

#[test]
fn the_style_of_json_rpc_errors_is_a_choice() {
    let styles = [
        (RpcErrorStyle::Mixed, 200, 429),
        (RpcErrorStyle::HttpStatus, 500, 429),
        (RpcErrorStyle::JsonRpc, 200, 200),
        (RpcErrorStyle::ToolResult, 200, 200),
    ];
    for (style, internal, limited) in styles {
        let format = routermcp::RPC.with_error_style(style);
        let one = r#"{"jsonrpc":"2.0","method":"x","id":1}"#;
        let layer = EnvelopeLayer::new(format);
        for (kind, status) in [
            (Kind::Internal, internal),
            (Kind::RateLimited, limited),
            // No message comes in another method than POST.
            (Kind::MethodNotAllowed, 405),
        ] {
            let response = failed(&layer, Request::new(()), Problem::new(kind));
            assert_eq!(response.status, status, "{style:?} {kind:?}");
        }
        let response = refused(format, one);
        assert!(response.json()["error"]["code"].is_i64(), "{style:?}");
        assert_eq!(response.json()["id"], 1);
    }
}

#[test]
fn a_tool_call_is_rejected_by_a_result_in_that_style() {
    let format = routermcp::RPC.with_error_style(RpcErrorStyle::ToolResult);
    // A slash may be escaped.
    for method in ["tools/call", r"tools\/call"] {
        let body = format!(r#"{{"jsonrpc":"2.0","method":"{method}","id":"a"}}"#);

        let response = refused(format.with_error_ids(true), body);

        let result = &response.json()["result"];
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with("Internal error (error_id "), "{text}");
        assert_eq!(
            (&result["isError"], &response.json()["id"]),
            (&true.into(), &"a".into())
        );
        assert_eq!(response.status, 200);
    }
    let batch = r#"[{"id":1,"method":"tools/call"},{"id":2,"method":"ping"}]"#;
    let response = refused(format, batch);
    assert_eq!(response.json()[0]["result"]["isError"], true);
    assert_eq!(response.json()[1]["error"]["code"], -32603);
}

#[test]
fn a_tool_result_has_the_wait_and_the_fields() {
    let format = routermcp::RPC.with_error_style(RpcErrorStyle::ToolResult);
    let problem = Problem::new(Kind::Validation)
        .with_field_error(FieldError::new("id", "is required"))
        .with_retry_after(Duration::from_secs(3));

    let response = rejected(format, r#"{"id":1,"method":"tools/call"}"#, problem);

    assert_eq!(
        response.json()["result"]["content"][0]["text"],
        "Invalid params: id: is required (retry after 3 s)"
    );
}

// JSON-RPC 2.0, section 5, requires null; MCP's errors have no id then.
#[test]
fn an_unknown_id_is_null_or_left_out() {
    for (body, null, without) in [
        (
            "{",
            r#"{"jsonrpc":"2.0","id":null,"error":"#,
            r#"{"jsonrpc":"2.0","error":"#,
        ),
        (
            "[7]",
            r#"[{"jsonrpc":"2.0","id":null,"error":"#,
            r#"[{"jsonrpc":"2.0","error":"#,
        ),
        // MCP knows no null among the ids.
        (
            r#"{"id":null,"method":"tools/call"}"#,
            r#"{"jsonrpc":"2.0","id":null,"error":"#,
            r#"{"jsonrpc":"2.0","error":"#,
        ),
        (
            r#"{"id":0,"method":"x"}"#,
            r#"{"jsonrpc":"2.0","id":0,"error":"#,
            r#"{"jsonrpc":"2.0","id":0,"error":"#,
        ),
    ] {
        let format = routermcp::RPC.with_error_style(RpcErrorStyle::ToolResult);

        let response = refused(format, body);
        assert!(response.text().starts_with(null), "{}", response.text());

        let response = refused(format.with_null_ids(false), body);
        assert!(response.text().starts_with(without), "{}", response.text());
    }
}

#[test]
fn a_tool_that_failed_is_a_success() {
    let mut result = Vec::new();
    tool_error(
        "The tool failed",
        &JsonRpcId::from_json("1").unwrap(),
        &mut result,
    );
    let inner_response = status(200).header("content-type", "application/json");

    let response = through(
        &EnvelopeLayer::new(routermcp::RPC),
        Request::new(()),
        inner_response
            .body(Full::<Bytes>::from(result.clone()))
            .unwrap(),
    );

    assert_eq!(response.text().as_bytes(), result);
    assert!(is_untouched(&response));
}
