//! gRPC and JSON-RPC.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tokio_test::block_on;
use tower::{Layer, ServiceExt, service_fn};
use tower_edge::envelope::format::{ProblemDetails, RpcStatus, tool_error};
use tower_edge::envelope::{EnvelopeLayer, JsonRpcId, JsonRpcIdLayer};
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
                let said = status(code)
                    .header("content-type", inner)
                    .header("content-length", "4");
                let mut answer = Some(said.body(Full::<Bytes>::from("text")).unwrap());
                let service = service_fn(move |_: Request<()>| {
                    let answer = answer.take().unwrap();
                    async move { Ok::<_, BoxError>(answer) }
                });

                let response = layer.layer(service).oneshot(call(content_type));
                let response = block_on(response).unwrap();

                assert!(response.body().is_end_stream(), "{content_type} {code}");
                let answer = block_on(TestResponse::read(response));
                assert_eq!((answer.status, answer.text()), (200, ""));
                assert_eq!(answer.list("content-type"), "application/grpc");
                assert_eq!(answer.list("grpc-status"), grpc_status);
                assert_eq!(answer.list("content-length"), "");
            }
        }
    }
}

#[test]
fn what_grpc_has_said_itself_is_left_alone() {
    let said = status(200)
        .header("content-type", "application/grpc")
        .header("grpc-status", "5");

    let answer = through(
        &EnvelopeLayer::new(ProblemDetails),
        call("application/grpc"),
        said.body(Full::<Bytes>::default()).unwrap(),
    );

    assert_eq!(answer.list("grpc-status"), "5");
    assert!(is_untouched(&answer));
}

/// The answer to a JSON-RPC request that a layer refuses.
fn refused(format: tower_edge::envelope::format::JsonRpc, body: &'static str) -> TestResponse {
    let service = (JsonRpcIdLayer::new(1024), EnvelopeLayer::new(format)).layer(service_fn(
        async |_: Request<_>| Err::<Response<Full<Bytes>>, _>(Problem::new(Kind::Internal)),
    ));
    let request = Request::post("/mcp")
        .body(Full::<Bytes>::from(body))
        .unwrap();
    block_on(oneshot(service, request))
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
        let answer = refused(routermcp::RPC, body);

        assert_eq!(
            answer.text().matches("\"id\":").count(),
            ids.len(),
            "{body}"
        );
        for id in ids {
            assert!(
                answer.text().contains(&format!("\"id\":{id},")),
                "{}",
                answer.text()
            );
        }
    }
}

#[test]
fn a_notification_is_not_answered() {
    for body in [
        r#"{"jsonrpc":"2.0","method":"x"}"#,
        r#"[{"jsonrpc":"2.0","method":"x"}]"#,
    ] {
        let answer = refused(routermcp::RPC, body);

        assert_eq!((answer.status, answer.text()), (202, ""));
        assert_eq!(answer.list("content-type"), "");
    }
}

#[test]
fn an_answer_without_a_body_has_no_type() {
    let layer = (
        JsonRpcIdLayer::new(1024),
        EnvelopeLayer::new(routermcp::RPC),
    );
    let service = layer.layer(service_fn(async |_: Request<_>| {
        let said = status(500).header("content-type", "text/plain");
        Ok::<_, BoxError>(said.body(Full::<Bytes>::from("text"))?)
    }));
    let notification = Full::<Bytes>::from(r#"{"jsonrpc":"2.0","method":"x"}"#);

    let request = Request::post("/mcp").body(notification).unwrap();
    let answer = block_on(oneshot(service, request));

    assert_eq!((answer.status, answer.text()), (202, ""));
    assert_eq!(answer.list("content-type"), "");
}

#[test]
fn the_status_of_json_rpc_is_a_choice() {
    let one = r#"{"jsonrpc":"2.0","method":"x","id":1}"#;
    for (choice, code) in [
        (RpcStatus::Always200, 200),
        (RpcStatus::MostlyOk, 200),
        (RpcStatus::Mirror, 500),
    ] {
        let answer = refused(routermcp::RPC.with_status(choice), one);

        assert_eq!(answer.status, code, "{choice:?}");
    }
    let limited = failed(
        &EnvelopeLayer::new(routermcp::RPC),
        Request::new(()),
        Problem::new(Kind::RateLimited),
    );
    assert_eq!(limited.status, 429);
}

#[test]
fn a_tool_that_failed_is_a_success() {
    let mut result = Vec::new();
    tool_error(
        "The tool failed",
        &JsonRpcId::from_json("1").unwrap(),
        &mut result,
    );
    let said = status(200).header("content-type", "application/json");

    let answer = through(
        &EnvelopeLayer::new(routermcp::RPC),
        Request::new(()),
        said.body(Full::<Bytes>::from(result.clone())).unwrap(),
    );

    assert_eq!(answer.text().as_bytes(), result);
    assert!(is_untouched(&answer));
}
