use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::{Empty, Full};
use serde_json::json;
use tokio_test::block_on;
use tower_edge_core::problem::{Facts, Phase, TimeoutFacts};
use tower_edge_core::{Exposure, google_rpc};

use super::super::decode;
use super::*;

fn response(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Bytes> {
    let response = Response::builder()
        .status(status)
        .header("content-type", content_type);
    response.body(body.into()).unwrap()
}

fn read(status: u16, content_type: &str, body: impl Into<Bytes>) -> RemoteProblem {
    let response = response(status, content_type, body).map(Full::new);
    block_on(decode(response)).unwrap_err()
}

fn json(status: u16, body: &Value) -> RemoteProblem {
    read(status, "application/json", body.to_string())
}

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

/// A body without end. It counts the bytes that it has sent.
#[derive(Debug)]
struct Endless<'a> {
    frame: &'static [u8],
    sent: &'a mut usize,
}

impl Body for Endless<'_> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        *self.sent += self.frame.len().max(1);
        Poll::Ready(Some(Ok(Frame::data(self.frame.into()))))
    }
}

/// A body that fails after some data.
#[derive(Debug)]
struct Broken(Option<&'static str>);

impl Body for Broken {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let data = self.0.take().map(|data| Frame::data(data.into()));
        Poll::Ready(Some(data.ok_or("connection lost")))
    }
}

#[test]
fn a_success_is_returned_untouched() {
    for (status, content_type) in [(200, "application/json"), (204, "text/plain"), (302, "")] {
        let body = r#"{"error": {"code": "a"}, "jsonrpc": "2.0"}"#;
        let success = response(status, content_type, body).map(Full::new);

        let success = block_on(decode(success)).unwrap();

        assert_eq!(success.body().size_hint().exact(), Some(body.len() as u64));
    }
    // gRPC over HTTP/2: `grpc-status: 0` in the head is an empty success.
    let mut ok = response(200, "application/grpc", "");
    ok.headers_mut().insert("grpc-status", "0".parse().unwrap());
    assert!(RemoteProblem::from_response(&ok).is_none());
    assert!(block_on(decode(ok.map(Full::new))).is_ok());
    // The field means nothing to HTTP.
    let mut other = response(200, "application/json", "{}");
    other
        .headers_mut()
        .insert("grpc-status", "5".parse().unwrap());
    assert!(block_on(decode(other.map(Full::new))).is_ok());
}

#[test]
fn a_body_that_is_no_error_leaves_the_status_and_the_fields() {
    let deep = "[".repeat(60_000);
    let deep_object = r#"{"error":"#.repeat(6_000);
    for (content_type, body) in [
        ("application/json", Bytes::new()),
        ("application/json", Bytes::from_static(b"\xff\xfe{")),
        ("application/json", Bytes::from(deep)),
        ("application/json", Bytes::from(deep_object)),
        ("application/json", Bytes::from_static(b"null")),
        ("application/json", Bytes::from_static(b"[]")),
        ("application/json", Bytes::from_static(b"[[[1]]]")),
        ("application/json", Bytes::from_static(b"{\"error\":")),
        ("application/json", Bytes::from_static(b"{\"error\":null}")),
        (
            "application/json",
            Bytes::from_static(b"{\"error\":{\"code\":null,\"message\":[1]}}"),
        ),
        (
            "application/problem+json",
            Bytes::from_static(b"{\"type\":7e99,\"detail\":{},\"title\":null}"),
        ),
        ("text/html", Bytes::from_static(b"<html>Bad Gateway</html>")),
        ("text/plain", Bytes::from_static(b"\xff")),
        ("image/png", Bytes::from_static(b"{\"error\":\"no\"}")),
        (
            "application/grpc",
            Bytes::from_static(b"\x80\0\0\0\x0egrpc-status: 5"),
        ),
        (
            "application/connect+json",
            Bytes::from_static(b"\x02\xff\xff\xff\xff{}"),
        ),
    ] {
        let mut response = response(503, content_type, body);
        let headers = response.headers_mut();
        headers.insert("retry-after", "7".parse().unwrap());
        headers.insert("x-request-id", "7a".parse().unwrap());

        let remote = block_on(decode(response.map(Full::new))).unwrap_err();

        assert_eq!(remote.status(), 503);
        assert_eq!(remote.kind(), Kind::Unavailable);
        assert_eq!(remote.message(), None, "{content_type} {remote:?}");
        assert_eq!(remote.retry_after(), seconds(7));
        assert_eq!(remote.correlation_id(), Some("7a"));
    }
}

#[test]
fn no_more_than_the_bound_is_read() {
    for frame in [&b" "[..], b"", &[b' '; 1000], &[b' '; MAX_BODY + 1]] {
        let mut sent = 0;
        let body = Endless {
            frame,
            sent: &mut sent,
        };
        let response = Response::builder().status(500).body(body).unwrap();

        let remote = block_on(decode(response)).unwrap_err();

        assert_eq!(remote.status(), 500);
        assert!(sent < MAX_BODY + frame.len().max(1), "{sent}");
    }
    let long = json!({"error": {"message": "a".repeat(MAX_BODY)}}).to_string();
    assert_eq!(read(500, "application/json", long.clone()).message(), None);
    let whole = response(500, "application/json", long);
    assert_eq!(
        RemoteProblem::from_response(&whole).unwrap().message(),
        None
    );
}

#[test]
fn what_came_of_a_body_that_fails_is_read() {
    let response = Response::builder()
        .status(500)
        .header("content-type", "text/plain");
    let response = response.body(Broken(Some("out of cheese"))).unwrap();

    let remote = block_on(decode(response)).unwrap_err();

    assert_eq!(remote.message(), Some("out of cheese"));
}

#[test]
fn texts_and_lists_are_bounded() {
    let long = "ü".repeat(3000);
    let items: Vec<_> = (0..300)
        .map(|item| json!({"field": item.to_string(), "message": "no"}))
        .collect();
    let mut error = json!({"code": long, "message": long, "errors": items});
    for item in 0..300 {
        error[format!("detail_{item}")] = json!(item);
    }

    let remote = json(400, &json!({"error": error}));

    assert_eq!(remote.code().map(str::len), Some(Problem::MAX_MESSAGE));
    assert_eq!(remote.message().map(str::len), Some(Problem::MAX_MESSAGE));
    assert_eq!(remote.field_errors().len(), Problem::MAX_ITEMS);
    assert_eq!(remote.details().len(), Problem::MAX_ITEMS);
}

#[test]
fn an_id_that_may_not_be_logged_is_none() {
    for id in ["a b", &"a".repeat(201), ""] {
        let mut response = response(500, "text/plain", "");
        response
            .headers_mut()
            .insert("x-correlation-id", id.parse().unwrap());

        let remote = RemoteProblem::from_response(&response).unwrap();

        assert_eq!(remote.correlation_id(), None, "{id}");
    }
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

    let remote = read(403, "application/problem+json", body.to_string());

    assert_eq!(remote.code(), Some("https://a.example/out-of-credit"));
    assert_eq!(remote.message(), Some("It costs 50."));
    let names: Vec<_> = remote.details().iter().map(Detail::name).collect();
    assert_eq!(names, ["balance", "error"]);
    let fields = remote.field_errors().iter();
    let fields: Vec<_> = fields.map(|it| (it.field(), it.pointer())).collect();
    assert_eq!(fields, [("a/b.c d", Some("/a~1b/c d".into())), ("q", None)]);
}

#[test]
fn the_longest_wait_counts_and_of_one_wait_the_most_precise() {
    for (field, body, expected) in [
        (Some("2"), Some(1.5), 1500),
        (Some("1"), Some(1.5), 1500),
        (Some("30"), Some(1.5), 30_000),
        (None, Some(0.25), 250),
        (Some("2"), None, 2000),
        (Some("soon"), Some(-1.0), 0),
        (None, Some(1e300), 0),
    ] {
        let body = json!({"error": {"message": "no", "retry_after": body}}).to_string();
        let mut response = response(429, "application/json", body);
        if let Some(field) = field {
            response
                .headers_mut()
                .insert("retry-after", field.parse().unwrap());
        }

        let remote = RemoteProblem::from_response(&response).unwrap();

        let wait = remote.retry_after().unwrap_or_default();
        assert_eq!(wait, Duration::from_millis(expected), "{field:?}");
    }
}

#[test]
fn the_kind_has_the_status_and_maybe_the_name() {
    for (status, code, kind) in [
        (429, "QUOTA_EXCEEDED", Kind::QuotaExceeded),
        (429, "RATE_LIMITED", Kind::RateLimited),
        (429, "slow_down", Kind::RateLimited),
        (404, "quota_exceeded", Kind::NotFound),
        (418, "tea", Kind::BadRequest),
        (599, "", Kind::Internal),
    ] {
        assert_eq!(
            json(status, &json!({"code": code})).kind(),
            kind,
            "{status} {code}"
        );
    }
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
        (-32005, Kind::Internal),
    ] {
        let error = json!({"code": code, "message": "no", "data": {"retryAfter": 3, "a": 1}});
        let error = remote(&json!({"jsonrpc": "2.0", "id": 1, "error": error})).unwrap();

        assert_eq!(error.kind(), kind);
        assert_eq!(error.code(), Some(&*code.to_string()));
        assert_eq!(error.retry_after(), seconds(3));
        assert_eq!(error.details()[0].name(), "a");
    }
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
fn a_status_of_grpc_is_read_in_the_head_and_in_trailers() {
    let problem = Problem::new(Kind::RateLimited)
        .with_message("no")
        .with_retry_after(Duration::from_millis(1500));
    let mut fields = HeaderMap::new();
    google_rpc::insert_status(&problem, None, &mut fields);

    let trailers = RemoteProblem::from_trailers(&fields).unwrap();
    let mut head = Response::builder().header("content-type", "application/grpc");
    head.headers_mut().unwrap().extend(fields);
    let head = block_on(decode(head.body(Empty::<Bytes>::new()).unwrap())).unwrap_err();

    for remote in [trailers, head] {
        assert_eq!(remote.grpc_code(), Some(GrpcCode::ResourceExhausted));
        assert_eq!(remote.kind(), Kind::RateLimited);
        assert_eq!(remote.code(), Some("RESOURCE_EXHAUSTED"));
        assert_eq!(remote.message(), Some("no"));
        assert_eq!(remote.retry_after(), Some(Duration::from_millis(1500)));
    }
    assert!(RemoteProblem::from_trailers(&HeaderMap::new()).is_none());
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
    for (content_type, body) in [
        ("application/grpc-web", message.clone()),
        ("application/grpc-web", frame(0x80, b"grpc-status: 0\r\n")),
        ("application/grpc-web", frame(0x81, b"grpc-status: 5\r\n")),
        ("application/grpc-web-text", b"AAAA====".to_vec()),
        ("application/connect+json", frame(2, b"{}")),
        ("application/connect+json", frame(3, br#"{"error": {}}"#)),
        ("application/connect+json", trailers),
    ] {
        let response = response(200, content_type, body.clone());

        assert!(
            RemoteProblem::from_response(&response).is_none(),
            "{body:?}"
        );
    }
}

#[test]
fn our_client_gets_a_502_503_or_504_with_the_wait() {
    let of = |status: u16, wait: Option<&str>| {
        let mut response = response(status, "text/plain", "db:5432 is down");
        if let Some(wait) = wait {
            response
                .headers_mut()
                .insert("retry-after", wait.parse().unwrap());
        }
        Problem::from(RemoteProblem::from_response(&response).unwrap())
    };
    for (status, wait, kind, expected) in [
        (400, None, Kind::UpstreamError, None),
        (401, None, Kind::UpstreamError, None),
        (404, Some("7"), Kind::UpstreamError, seconds(7)),
        (429, Some("7"), Kind::Unavailable, seconds(7)),
        (429, None, Kind::Unavailable, seconds(1)),
        (500, None, Kind::UpstreamError, None),
        (502, Some("7"), Kind::UpstreamError, seconds(7)),
        (503, Some("7"), Kind::Unavailable, seconds(7)),
        (504, None, Kind::UpstreamTimeout, None),
    ] {
        let problem = of(status, wait);

        assert_eq!(problem.kind(), kind, "{status}");
        assert_eq!(problem.retry_after(), expected, "{status}");
        assert_eq!(problem.message(), None);
        let shown = Exposure::Production;
        assert!(
            problem
                .details()
                .iter()
                .all(|it| !shown.shows(it.visibility()))
        );
        let source = problem.source().unwrap().to_string();
        assert_eq!(
            source,
            format!("upstream responded with {status}: db:5432 is down")
        );
    }
}

#[test]
fn the_problem_of_a_layer_around_the_client_stays_that_problem() {
    let second = Duration::from_secs(1);
    let facts = TimeoutFacts::new(Phase::ResponseHead, second, second);
    let timeout = Problem::new(Kind::UpstreamTimeout).with_facts(Facts::Timeout(facts));
    let timeout = timeout.into_empty_response::<Empty<Bytes>>();

    let remote = block_on(decode(timeout)).unwrap_err();

    assert_eq!(Problem::from(&remote).facts(), Some(&Facts::Timeout(facts)));
    assert_eq!(Problem::from(remote).facts(), Some(&Facts::Timeout(facts)));
    // An upstream in this process leaves what it has rendered.
    let mut rendered = Problem::new(Kind::Conflict);
    rendered.mark_rendered();
    let mut response = response(409, "text/plain", "taken");
    response.extensions_mut().insert(rendered);
    let remote = RemoteProblem::from_response(&response).unwrap();
    assert_eq!(Problem::from(remote).kind(), Kind::UpstreamError);
}

#[test]
fn a_log_line_is_one_line() {
    let remote = json(429, &json!({"code": "a\nb", "message": "c\r\n\u{1b}d"}));

    assert_eq!(
        remote.to_string(),
        "upstream responded with 429 (a\\nb): c\\r\\n\\u{1b}d"
    );
}
