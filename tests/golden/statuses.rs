//! What no document has a word for.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::Response;
use serde_json::Value;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::problem::{
    Exposure, Facts, FieldError, Phase, RateLimitFacts, TimeoutFacts, VersionFacts,
};
use tower_edge::{Kind, Problem};
use tower_edge_tests::TestResponse;

use crate::case::Case;
use crate::snapshot::{DynFormat, SNAPSHOTS};

#[tokio::test]
async fn every_status_is_an_error_in_every_format() {
    for (name, format) in formats() {
        for status in 400..=599 {
            let bare = Response::builder().status(status);
            let case = Case::responded("bare", bare.body("x".into()).unwrap());

            let response = case.response(format, Exposure::Production).await;

            assert_says_something(name, &response);
            let expected = on_the_wire(name, status);
            assert_eq!(response.status, expected, "{name} {status}: {response:?}");
        }
    }
}

#[tokio::test]
async fn every_kind_is_an_error_in_every_format() {
    for (name, format) in formats() {
        for kind in Kind::ALL {
            let case = Case::failed("kind", Problem::new(*kind));

            let response = case.response(format, Exposure::Production).await;

            assert_says_something(name, &response);
        }
    }
}

fn formats() -> Vec<(&'static str, DynFormat)> {
    static TYPES: LazyLock<ProblemDetails> =
        LazyLock::new(|| ProblemDetails::new().with_type_base("urn:problem:"));
    let problems: [(_, DynFormat); 2] = [("problem", &ProblemDetails), ("problem", &*TYPES)];
    let snapshot = SNAPSHOTS.map(|snapshot| (snapshot.name, snapshot.format));
    snapshot.into_iter().chain(problems).collect()
}

/// A code and a message, where a client of the format looks for them.
fn assert_says_something(format: &str, response: &TestResponse) {
    let body: Value = serde_json::from_str(response.text()).unwrap();
    let (code, message) = match format {
        "ads_mcp" => (&body["code"], &body["error"]),
        "problem" => (&body["type"], &body["detail"]),
        "routermcp_rest" => (&body["error"], &body["message"]),
        _ => (&body["error"]["code"], &body["error"]["message"]),
    };
    let is_code = match code {
        Value::Number(code) if format == "plexichat" => *code == response.status.into(),
        Value::Number(code) => code.as_i64().is_some_and(|code| code < -31999),
        Value::String(code) => code.len() > 3,
        _ => false,
    };
    let is_message = message.as_str().is_some_and(|message| message.len() > 3);
    assert!(is_code && is_message, "{format}: {response:?}");
    if format == "problem" {
        assert_eq!(body["status"], response.status, "{response:?}");
    }
}

/// The documents' own statuses for what a framework says otherwise.
fn on_the_wire(format: &str, status: u16) -> u16 {
    match (format, status) {
        ("routermcp", 405 | 429) => status,
        ("routermcp", _) => 200,
        ("plexichat", 413 | 415) | ("plexmcp", 415) => 400,
        ("plexichat" | "ads_mcp" | "medianest" | "routermcp_rest", 422) => 400,
        _ => status,
    }
}

#[tokio::test]
async fn no_member_occurs_twice() {
    for (name, format) in formats() {
        for facts in facts() {
            for kind in [Kind::Internal, Kind::RateLimited, Kind::Validation] {
                let problem = NAMES.into_iter().fold(
                    Problem::new(kind)
                        .with_message("message")
                        .with_facts(facts.clone())
                        .with_retry_after(Duration::from_secs(1))
                        .with_field_error(FieldError::new("field", "wrong").with_value("x")),
                    |problem, name| problem.with_detail(name.to_owned(), "detail"),
                );
                let case = Case::failed("crowded", problem);

                let response = case.response(format, Exposure::Development).await;

                let body: Value = serde_json::from_str(response.text()).unwrap();
                let written = response.text().matches("\":").count();
                assert_eq!(members(&body), written, "{name}: {response:?}");
            }
        }
    }
}

fn facts() -> [Facts; 3] {
    let second = Duration::from_secs(1);
    let text = |text: &str| Some(Arc::from(text));
    let version = VersionFacts::new("1", "2".into())
        .with_server(text("3"))
        .with_update_url(text("4"));
    [
        Facts::RateLimit(RateLimitFacts::new("policy".into(), 1, second, 2)),
        Facts::Timeout(
            TimeoutFacts::new(Phase::ResponseHead, second, second).with_operation("search"),
        ),
        Facts::Version(version),
    ]
}

/// How many there are once none is there twice.
fn members(json: &Value) -> usize {
    match json {
        Value::Array(items) => items.iter().map(members).sum(),
        Value::Object(object) => object.len() + object.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

/// What the formats call their members.
const NAMES: [&str; 23] = [
    "client_version",
    "code",
    "error",
    "error_id",
    "errors",
    "field",
    "limit",
    "message",
    "min_version",
    "operation",
    "reason",
    "requests_made",
    "retryAfter",
    "retry_after",
    "server_version",
    "suggestion",
    "support_info",
    "timeout_duration",
    "timestamp",
    "update_url",
    "timeout_ms",
    "violated-policies",
    "window",
];
