use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::json;
use tower_edge_core::problem::Detail;

use super::super::RemoteProblem;
use super::*;

fn response(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Bytes> {
    let response = Response::builder()
        .status(status)
        .header("content-type", content_type);
    response.body(body.into()).unwrap()
}

fn json(status: u16, body: &Value) -> RemoteProblem {
    let response = response(status, "application/json", body.to_string());
    RemoteProblem::from_response(&response).unwrap()
}

#[test]
fn shapes_of_other_apis_are_read() {
    for (body, code, message) in [
        // Spring
        (
            json!({"timestamp": 1, "status": 404, "error": "Not Found", "path": "/"}),
            None,
            Some("Not Found"),
        ),
        // NestJS
        (
            json!({"statusCode": 400, "message": "no id", "error": "Bad Request"}),
            Some("Bad Request"),
            Some("no id"),
        ),
        // OpenAI
        (
            json!({"error": {"message": "no key", "type": "invalid_request_error", "code": null}}),
            Some("invalid_request_error"),
            Some("no key"),
        ),
        // Stripe
        (
            json!({"error": {"message": "no", "type": "card_error", "code": "declined"}}),
            Some("declined"),
            Some("no"),
        ),
        (
            json!({"error": "no", "message": "this", "code": 7}),
            Some("7"),
            Some("this"),
        ),
        (json!({"message": "no"}), None, Some("no")),
        (json!({"title": "Gone", "status": 410}), None, Some("Gone")),
    ] {
        let remote = json(400, &body);

        assert_eq!((remote.code(), remote.message()), (code, message), "{body}");
    }
}

#[test]
fn an_extension_of_problem_details_is_a_detail() {
    let body = json!({
        "type": "https://a.example/out-of-credit", "title": "No credit", "status": 403,
        "detail": "It costs 50.", "code": "x", "balance": 30, "error": {"code": "y"},
        "errors": [{"detail": "no", "pointer": "#/a~1b/c%20d"}, {"detail": "none", "parameter": "q"}, 7],
    });

    let remote =
        RemoteProblem::from_response(&response(403, "application/problem+json", body.to_string()))
            .unwrap();

    assert_eq!(remote.code(), Some("https://a.example/out-of-credit"));
    assert_eq!(remote.message(), Some("It costs 50."));
    let names: Vec<_> = remote.details().iter().map(Detail::name).collect();
    assert_eq!(names, ["balance", "code", "error", "errors", "title"]);
    let fields = remote.field_errors().iter();
    let fields: Vec<_> = fields.map(|it| (it.field(), it.pointer())).collect();
    assert_eq!(fields, [("a/b.c d", Some("/a~1b/c d".into())), ("q", None)]);
}

// JSON-RPC, error object; MCP, tools: errors are responses like any other, in an HTTP 200.
#[test]
fn errors_of_json_rpc_in_a_200_are_found_where_the_body_is_read() {
    let remote = |body: &Value| {
        RemoteProblem::from_response(&response(200, "application/json", body.to_string()))
    };
    for (code, kind) in [
        (-32700, Kind::BadRequest),
        (-32601, Kind::NotFound),
        (-32602, Kind::Validation),
        (-32603, Kind::Internal),
        (-32005, Kind::RateLimited),
        (-32004, Kind::Internal),
    ] {
        let error = json!({"code": code, "message": "no", "data": {"retryAfter": 3, "a": 1}});
        let error = remote(&json!({"jsonrpc": "2.0", "id": 1, "error": error})).unwrap();

        assert_eq!(error.kind(), kind);
        assert_eq!(error.code(), Some(&*code.to_string()));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
        assert_eq!(error.details()[0].name(), "a");
    }
    let limited =
        json!({"code": -32005, "message": "Rate limit exceeded", "data": {"retry_after": 3}});
    let limited = remote(&json!({"jsonrpc": "2.0", "id": 1, "error": limited})).unwrap();
    let problem = Problem::from(limited);
    assert_eq!(
        (problem.kind(), problem.retry_after()),
        (Kind::Unavailable, Some(Duration::from_secs(3)))
    );
    let boom = remote(&json!({"jsonrpc": "2.0", "id": 1, "error": "boom"})).unwrap();
    assert_eq!(boom.message(), Some("boom"));
    assert!(remote(&json!({"jsonrpc": "2.0", "id": 1})).is_some());
    let long = json!({"code": 1, "message": "no", "data": "a".repeat(100_000)});
    let long = remote(&json!({"jsonrpc": "2.0", "id": 1, "error": long})).unwrap();
    assert_eq!(long.message(), Some("no"));
    let text = |text: &str| json!({"type": "text", "text": text});
    let result = json!({"content": [text("one"), {"type": "image"}, text("two")], "isError": true});
    let tool = remote(&json!({"jsonrpc": "2.0", "id": 1, "result": result})).unwrap();
    assert_eq!(tool.message(), Some("one\ntwo"));
    for success in [
        json!({"jsonrpc": "2.0", "id": 1, "result": {"isError": false}}),
        json!({"jsonrpc": "2.0", "id": 1, "result": {}, "error": null}),
        json!({"jsonrpc": "2.0", "id": 1, "result": [1]}),
        json!([{"jsonrpc": "2.0", "id": 1, "error": {"code": 1}}]),
        json!({"error": {"code": "a", "message": "no"}}),
        json!({"isError": true}),
    ] {
        assert!(remote(&success).is_none(), "{success}");
    }
}

#[test]
fn the_frame_that_ends_a_response_is_found_after_others() {
    let frame = |flags: u8, message: &[u8]| {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[flags], &length[..], message].concat()
    };
    let message = frame(0, b"\x0a\x02no");
    let trailers = frame(
        0x80,
        b"Grpc-Status:5\r\ngrpc-message: no%20such\r\nnone\r\n",
    );
    let end = frame(
        2,
        br#"{"error": {"code": "not_found", "message": "no such"}}"#,
    );

    for (content_type, last) in [
        ("application/grpc-web+proto", &trailers),
        ("application/connect+proto", &end),
    ] {
        let body = [&message[..], &message, last].concat();
        let remote = RemoteProblem::from_response(&response(200, content_type, body)).unwrap();

        assert_eq!(
            remote.grpc_code(),
            Some(GrpcCode::NotFound),
            "{content_type}"
        );
        assert_eq!(
            (remote.kind(), remote.message()),
            (Kind::NotFound, Some("no such"))
        );
    }
    // What says nothing of its end is no success.
    for (content_type, body) in [
        ("application/grpc-web", message.clone()),
        ("application/grpc-web", trailers[..9].to_vec()),
        ("application/grpc-web", frame(0x81, b"grpc-status: 0\r\n")),
        ("application/grpc-web", frame(0x80, b"")),
        ("application/grpc-web-text", b"AAAA====".to_vec()),
        ("application/connect+json", message.clone()),
        ("application/connect+json", frame(3, b"{}")),
        ("application/connect+json", frame(2, b"{")),
        ("application/connect+json", frame(2, br#"{"error": "no"}"#)),
        ("application/connect+json", trailers),
    ] {
        let remote = RemoteProblem::from_response(&response(200, content_type, body.clone()));

        let code = remote.as_ref().and_then(RemoteProblem::grpc_code);
        assert_eq!(code, Some(GrpcCode::Unknown), "{body:?}");
    }
    for (content_type, body) in [
        ("application/grpc-web", frame(0x80, b"grpc-status: 0\r\n")),
        ("application/connect+json", frame(2, b"{}")),
    ] {
        let response = response(200, content_type, body.clone());

        assert!(
            RemoteProblem::from_response(&response).is_none(),
            "{body:?}"
        );
    }
}

// gRPC-Web, trailers in the body: the pushback is among them.
#[test]
fn the_trailers_of_grpc_web_have_the_wait() {
    let body = b"\x80\0\0\0\x2bgrpc-status: 14\r\ngrpc-retry-pushback-ms:700";

    let remote = RemoteProblem::from_response(&response(200, "application/grpc-web", &body[..]));

    assert_eq!(
        remote.unwrap().retry_after(),
        Some(Duration::from_millis(700))
    );
}

// MCP, Streamable HTTP: the response is the last message of the stream.
#[test]
fn the_last_message_of_an_event_stream_is_read() {
    let notice =
        "event: message\ndata: {\"jsonrpc\": \"2.0\", \"method\": \"notifications/progress\"}\n\n";
    let read = |last: &str| {
        let body = format!("id: 1\ndata:\n\n{notice}{last}");
        RemoteProblem::from_response(&response(200, "text/event-stream", body))
    };

    let error = r#"data: {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "no"}}"#;
    let remote = read(&format!("{error}\r\n\r\n: ping\n\n")).unwrap();
    let result = read("data: {\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": {}}\n\n");

    assert_eq!(
        (remote.kind(), remote.message()),
        (Kind::NotFound, Some("no"))
    );
    assert!(result.is_none());
    // It ends before the response.
    assert!(read("").is_some());
    let other = response(
        200,
        "text/event-stream",
        "data: {\"choices\": []}\n\ndata: [DONE]\n\n",
    );
    assert!(RemoteProblem::from_response(&other).is_none());
}

#[test]
fn all_other_members_of_an_error_are_details() {
    for (body, details) in [
        // FastAPI
        (
            json!({"detail": [{"loc": ["body", "a"], "msg": "no"}]}),
            &[("detail", r#"[{"loc":["body","a"],"msg":"no"}]"#)][..],
        ),
        // Rails
        (
            json!({"errors": ["no name"]}),
            &[("errors", r#"["no name"]"#)],
        ),
        // NestJS
        (
            json!({"statusCode": 400, "message": ["a", "b"], "error": "Bad"}),
            &[("message", r#"["a","b"]"#), ("statusCode", "400")],
        ),
        (
            json!({"message": "no", "details": ["x"]}),
            &[("details", r#"["x"]"#)],
        ),
        (
            json!({"message": "no", "details": [{"reason": "x"}]}),
            &[("details", r#"[{"reason":"x"}]"#)],
        ),
        (
            json!({"message": "no", "details": 7, "data": [1], "param": null}),
            &[("data", "[1]"), ("details", "7")],
        ),
        (
            json!({"error": {"code": "a"}, "request_id": "7a", "success": false}),
            &[("request_id", r#""7a""#)],
        ),
        (
            json!({"status": "fail", "data": {"title": "none"}}),
            &[("status", r#""fail""#), ("title", r#""none""#)],
        ),
        (
            json!({"message": "no", "retry_after": "soon"}),
            &[("retry_after", r#""soon""#)],
        ),
        // JSON:API
        (
            json!({"errors": [{"code": "a", "id": "1"}, {"code": "b"}, {"source": {"parameter": "q"}}]}),
            &[("id", r#""1""#), ("errors", r#"[{"code":"b"}]"#)],
        ),
        // Connect, a type of its own
        (
            json!({"code": "aborted", "details": [{"type": "a.v1.B", "value": "AA"}, {"type": "google.rpc.Help", "value": ""}]}),
            &[("details", r#"[{"type":"a.v1.B","value":"AA"}]"#)],
        ),
    ] {
        let remote = json(400, &body);

        let mut found: Vec<_> = remote
            .details()
            .iter()
            .map(|it| (it.name(), it.json()))
            .collect();
        found.sort_unstable_by_key(|it| details.iter().position(|other| other == it));
        assert_eq!(found, details, "{body}");
    }
}

#[test]
fn a_wait_is_read_beside_an_error_and_in_a_text() {
    for (body, milliseconds) in [
        (
            json!({"error": {"code": "a"}, "retry_after": 5}),
            Some(5000),
        ),
        (
            json!({"error": {"code": "a"}, "retryAfter": "5"}),
            Some(5000),
        ),
        (json!({"message": "a", "retry_after": "1.5"}), Some(1500)),
        (json!({"message": "a", "retry_after": "+5"}), None),
        (json!({"message": "a", "retry_after": "1e2"}), None),
        (json!({"message": "a", "retry_after": "-1"}), None),
        (json!({"message": "a", "retry_after": [5]}), None),
    ] {
        let wait = json(400, &body).retry_after();

        assert_eq!(wait, milliseconds.map(Duration::from_millis), "{body}");
    }
}

// JSON of protobuf, Duration: digits, at most nine of them after a point, and an `s`.
#[test]
fn a_retry_delay_is_in_decimal_seconds() {
    for (delay, milliseconds) in [
        ("1.500s", Some(1500)),
        ("3s", Some(3000)),
        ("1e2s", None),
        ("+5s", None),
        ("-5s", None),
        ("infs", None),
        ("s", None),
        ("5", None),
    ] {
        let info =
            json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay});
        let remote = json(400, &json!({"error": {"message": "no", "details": [info]}}));

        let wait = milliseconds.map(Duration::from_millis);
        assert_eq!(remote.retry_after(), wait, "{delay}");
    }
}
