use bytes::Bytes;
use http::HeaderValue;
use http_body::Body;
use http_body_util::{Empty, Full};
use serde_json::json;
use tokio::time::Instant;
use tokio_test::block_on;
use tower_edge_core::problem::{Facts, Phase, TimeoutFacts};
use tower_edge_core::{Deadline, Exposure, google_rpc};

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

fn id(remote: &RemoteProblem) -> Option<&str> {
    remote.correlation_id().map(CorrelationId::as_str)
}

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
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
        assert_eq!(id(&remote), Some("7a"));
    }
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

    assert_eq!(remote.code().map(str::len), Some(256));
    assert_eq!(remote.message().map(str::len), Some(Problem::MAX_MESSAGE));
    assert_eq!(remote.field_errors().len(), Problem::MAX_ITEMS);
    assert_eq!(remote.details().len(), Problem::MAX_ITEMS);
}

// AIP-193: a reason has at most 63 characters.
#[test]
fn a_reason_is_bounded_and_an_empty_one_is_no_code() {
    for (reason, code) in [
        ("R".repeat(60_000), "R".repeat(256)),
        (String::new(), "NOT_FOUND".into()),
    ] {
        let info = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason});
        let error = json!({"code": 404, "status": "NOT_FOUND", "message": "", "details": [info]});

        let remote = json(404, &json!({"error": error}));

        assert_eq!(remote.code(), Some(&*code));
        assert!(remote.to_string().len() < 400);
    }
    assert_eq!(json(404, &json!({"error": {"code": ""}})).code(), None);
}

#[test]
fn an_id_that_may_not_be_logged_or_occurs_twice_is_none() {
    for (ids, other, expected) in [
        (&["a b"][..], "", None),
        (&["a\tb"], "7a", Some("7a")),
        (&[&"a".repeat(201)], "", None),
        (&[""], "7a", Some("7a")),
        (&["1", "2"], "", None),
        (&["1", "2"], "7a", Some("7a")),
        (&["1"], "7a", Some("1")),
    ] {
        let mut response = response(500, "text/plain", "");
        for id in ids {
            response
                .headers_mut()
                .append("x-correlation-id", id.parse().unwrap());
        }
        response
            .headers_mut()
            .insert("x-request-id", other.parse().unwrap());

        let remote = RemoteProblem::from_response(&response).unwrap();

        assert_eq!(id(&remote), expected, "{ids:?}");
    }
}

// RFC 9110, section 15: a recipient treats 600 to 999 as a 5xx.
#[test]
fn a_status_above_599_is_a_server_error() {
    for status in [600, 999] {
        let remote = read(status, "text/plain", "no");

        assert_eq!(remote.kind(), Kind::Internal);
        assert_eq!(Problem::from(remote).kind(), Kind::UpstreamError);
    }
}

#[test]
fn text_that_is_no_utf_8_is_read_as_far_as_it_is() {
    for (body, message) in [
        (&b"caf\xe9 is closed"[..], "caf\u{FFFD} is closed"),
        (b"\xef\xbb\xbfno\n", "no"),
        (b"caf\xc3", "caf\u{FFFD}"),
    ] {
        assert_eq!(read(500, "text/plain", body).message(), Some(message));
    }
    let json = b"\xef\xbb\xbf{\"message\": \"no\"}";
    assert_eq!(
        read(500, "application/json", &json[..]).message(),
        Some("no")
    );
}

// http-grpc-status-mapping: "If grpc-status was provided, it must be used."
#[test]
fn a_status_of_grpc_overrules_that_of_http() {
    let grpc = |status: u16, sent: &'static str| {
        let mut response = response(status, "application/grpc", "");
        let headers = response.headers_mut();
        headers.insert("grpc-status", sent.parse().unwrap());
        response
    };
    let remote = RemoteProblem::from_response(&grpc(503, "5")).unwrap();

    assert_eq!(
        (remote.status().as_u16(), remote.kind()),
        (503, Kind::NotFound)
    );
    let problem = Problem::from(remote);
    assert_eq!(
        (problem.kind(), problem.retry_after()),
        (Kind::UpstreamError, None)
    );
    assert!(block_on(decode(grpc(503, "0").map(Full::new))).is_ok());
    let mut none = grpc(503, "0");
    none.headers_mut().remove("grpc-status");
    let remote = block_on(decode(none.map(Full::new))).unwrap_err();
    assert_eq!((remote.kind(), remote.code()), (Kind::Unavailable, None));
}

// gRFC A6, pushback: a negative or invalid value forbids a retry.
#[test]
fn a_retry_that_is_forbidden_has_no_wait() {
    for value in ["-1", "soon", "+5"] {
        let mut response = response(503, "text/plain", "");
        let headers = response.headers_mut();
        headers.insert("grpc-retry-pushback-ms", value.parse().unwrap());
        headers.insert("retry-after", "7".parse().unwrap());

        let remote = RemoteProblem::from_response(&response).unwrap();

        assert!(remote.forbids_retry());
        assert_eq!(remote.retry_after(), None, "{value}");
        assert_eq!(Problem::from(remote).retry_after(), None, "{value}");
    }
}

#[test]
fn the_reset_of_a_quota_is_the_wait_of_a_refusal_without_another() {
    for (status, retry_after, body, expected) in [
        (429, None, json!({}), seconds(30)),
        (429, Some("2"), json!({}), seconds(2)),
        (429, None, json!({"retry_after": 3}), seconds(3)),
        (404, None, json!({}), None),
        (429, Some("86401"), json!({}), seconds(86_401)),
        (
            429,
            Some("100000000000000000000"),
            json!({}),
            Some(Problem::MAX_RETRY_AFTER),
        ),
    ] {
        let mut response = response(status, "application/json", body.to_string());
        let headers = response.headers_mut();
        headers.insert("ratelimit", "\"default\";r=0;t=30".parse().unwrap());
        if let Some(wait) = retry_after {
            headers.insert("retry-after", wait.parse().unwrap());
        }

        let remote = RemoteProblem::from_response(&response).unwrap();

        assert_eq!(
            remote.retry_after(),
            expected,
            "{status} {retry_after:?} {body}"
        );
        let expected_wait = expected.map(|wait| wait.min(Duration::from_secs(86_400)));
        assert_eq!(Problem::from(remote).retry_after(), expected_wait);
    }
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
    let ok = HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), "0".parse().unwrap())]);
    assert!(RemoteProblem::from_trailers(&ok).is_none());
    // http-grpc-status-mapping: a 200 without a status is UNKNOWN.
    let unknown = RemoteProblem::from_trailers(&HeaderMap::new()).unwrap();
    assert_eq!(unknown.grpc_code(), Some(GrpcCode::Unknown));
    let head = response(200, "application/grpc", "");
    let unknown = RemoteProblem::from_response(&head).unwrap();
    assert_eq!(unknown.code(), Some("UNKNOWN"));
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
            format!("upstream responded with {status}: \"db:5432 is down\"")
        );
    }
}

// What an upstream of gRPC says of a call that it ends at the deadline it was sent.
#[tokio::test(start_paused = true)]
async fn a_call_that_an_upstream_cancels_at_its_deadline_is_late() {
    let deadline = Deadline::after(Instant::now().into_std(), Duration::from_secs(1)).unwrap();
    let kind = |code: &'static str, message: &'static str| {
        let fields = [("grpc-status", code), ("grpc-message", message)];
        let fields = fields.map(|(name, value)| {
            let value = HeaderValue::from_static(value);
            (HeaderName::from_static(name), value)
        });
        let remote = RemoteProblem::from_trailers(&fields.into_iter().collect()).unwrap();
        deadline.scope(|| Problem::from(remote)).kind()
    };

    assert_eq!(kind("1", "a"), Kind::UpstreamError);
    assert_eq!(kind("1", "Timeout expired"), Kind::UpstreamTimeout);
    assert_eq!(kind("13", "Timeout expired"), Kind::UpstreamError);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(kind("1", "a"), Kind::UpstreamTimeout);
    assert_eq!(kind("13", "a"), Kind::UpstreamError);
}

#[test]
fn a_timeout_of_a_layer_around_the_client_stays_that_timeout() {
    let second = Duration::from_secs(1);
    let facts = TimeoutFacts::new(Phase::ResponseHead, second, second);
    let timeout = Problem::new(Kind::UpstreamTimeout).with_facts(Facts::Timeout(facts));
    let timeout = timeout.with_message("secret");
    let timeout = timeout.into_empty_response::<Empty<Bytes>>();

    let remote = block_on(decode(timeout)).unwrap_err();

    assert_eq!(Problem::from(&remote).facts(), Some(&Facts::Timeout(facts)));
    let problem = Problem::from(remote);
    assert_eq!(problem.facts(), Some(&Facts::Timeout(facts)));
    assert_eq!(
        (problem.kind(), problem.message()),
        (Kind::UpstreamTimeout, None)
    );
}

#[test]
fn a_problem_of_an_upstream_in_this_process_is_an_upstreams() {
    let second = Duration::from_secs(1);
    let facts = Facts::Timeout(TimeoutFacts::new(Phase::RequestBody, second, second));
    let mut rendered = Problem::new(Kind::Conflict);
    rendered.mark_rendered();
    for (problem, kind) in [
        (rendered, Kind::UpstreamError),
        (Problem::new(Kind::RateLimited), Kind::Unavailable),
        (Problem::new(Kind::UpstreamTimeout), Kind::UpstreamTimeout),
        (
            Problem::new(Kind::RequestTimeout).with_facts(facts),
            Kind::UpstreamError,
        ),
    ] {
        let problem = problem
            .with_message("inner secret text")
            .with_detail("a", "inner secret text");
        let response = problem.into_empty_response::<Empty<Bytes>>();

        let ours = Problem::from(block_on(decode(response)).unwrap_err());

        assert_eq!((ours.kind(), ours.message()), (kind, None));
        assert_eq!(ours.facts(), None);
        assert!(!format!("{:?}", ours.details()).contains("secret"));
    }
}

#[test]
fn a_log_line_is_one_line_in_the_order_in_which_it_is() {
    let remote = json(
        429,
        &json!({"code": "a\nb", "message": "c\r\u{1b}d\u{2028}e\u{202e}f\\n\u{200f}ü"}),
    );

    assert_eq!(
        remote.to_string(),
        r#"upstream responded with 429 ("a\nb"): "c\r\u{1b}d\u{2028}e\u{202e}f\\n\u{200f}ü""#
    );
}
