//! Every response of the gateway, held against HTTP by httplint, on which REDbot is built.

use std::io;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::clients::SCRIPT_TIME;
use crate::openapi::{INSTALL, TOOLS, python};
use crate::support::{Gateway, PREFIXES, TestResponse};

#[tokio::test]
async fn httplint_finds_nothing_wrong_with_any_response() {
    let gateway = Gateway::with(&["--limit", "burst=100000/1m", "--timeout", "400ms"]).await;
    let limited = Gateway::with(&["--limit", "once=1/1h"]).await;
    let mut responses = Vec::new();
    for prefix in PREFIXES {
        for case in CASES {
            responses.push(lines(&gateway, prefix, case).await);
        }
        for case in [
            ("the last", "GET", MEDIUM, &[][..], ""),
            ("one too many", "GET", MEDIUM, &[], ""),
        ] {
            responses.push(lines(&limited, prefix, &case).await);
        }
    }
    for case in OTHERS {
        responses.push(lines(&gateway, "", case).await);
    }
    let statuses = responses.iter().map(|response| response["status"].as_u64());
    for status in STATUSES {
        assert!(
            statuses.clone().any(|seen| seen == Some(*status)),
            "no response has {status}"
        );
    }

    let notes = lint(&responses).await;

    let unexplained = notes
        .iter()
        .filter(|(_, note)| !EXPLAINED.contains(&note.as_str()));
    assert_eq!(
        unexplained.collect::<Vec<_>>(),
        Vec::<&(String, String)>::new()
    );
    // A note that is gone needs no explanation.
    for note in EXPLAINED {
        assert!(notes.iter().any(|(_, given)| given == note), "{note}");
    }
}

/// A response that is wrong, so that the test above is known to see anything.
#[tokio::test]
async fn httplint_notices_a_wrong_length_and_a_wrong_date() {
    let response = json!({
        "name": "wrong", "method": "GET", "target": "/", "request": [["host", "a"]], "status": 429,
        "response": [["content-length", "5"], ["date", "today"]], "body": "{}",
    });

    let notes = lint(&[response]).await;

    let has = |part: &str| notes.iter().any(|(_, note)| note.contains(part));
    assert!(has("Content-Length") && has("Date"), "{notes:?}");
}

/// A name, a method, a path, fields and a body.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const MEDIUM: &str = "/api/media/7";
const JSON: (&str, &str) = ("content-type", "application/json");

const CASES: &[Case] = &[
    ("allowed", "GET", MEDIUM, &[], ""),
    ("head", "HEAD", MEDIUM, &[], ""),
    (
        "another origin",
        "GET",
        MEDIUM,
        &[("origin", "https://a.example")],
        "",
    ),
    (
        "preflight",
        "OPTIONS",
        MEDIUM,
        &[
            ("origin", "https://a.example"),
            ("access-control-request-method", "GET"),
        ],
        "",
    ),
    ("options", "OPTIONS", MEDIUM, &[], ""),
    (
        "created",
        "POST",
        "/api/media",
        &[JSON],
        r#"{"title":"a","tmdbId":1}"#,
    ),
    ("lost", "GET", "/api/upstream/reset", &[], ""),
    ("not valid", "POST", "/api/media", &[JSON], "{}"),
    ("no JSON", "POST", "/api/media", &[JSON], "{"),
    (
        "another type",
        "POST",
        "/api/media",
        &[("content-type", "text/plain")],
        "{}",
    ),
    (
        "a coding",
        "POST",
        "/api/media",
        &[JSON, ("content-encoding", "gzip")],
        "{}",
    ),
    ("a method", "DELETE", MEDIUM, &[], ""),
    ("a route", "GET", "/nothing", &[], ""),
    ("head of no route", "HEAD", "/nothing", &[], ""),
    ("an id", "GET", "/api/media/abc", &[], ""),
    ("nothing of that id", "GET", "/api/media/404", &[], ""),
    (
        "too old",
        "GET",
        MEDIUM,
        &[("x-client-version", "1.1.9")],
        "",
    ),
    (
        "too old, in stages",
        "GET",
        MEDIUM,
        &[("x-client-version", "a.0.9-1")],
        "",
    ),
    ("no key", "GET", "/api/private", &[], ""),
    (
        "a key that may not",
        "GET",
        "/api/private",
        &[("authorization", "Bearer pk_test_denied")],
        "",
    ),
    ("a panic", "GET", "/api/panic", &[], ""),
    ("an upstream", "GET", "/api/upstream/ok", &[], ""),
    ("slow", "GET", "/api/upstream/slow", &[], ""),
    ("unreachable", "GET", "/api/upstream/refused", &[], ""),
    ("failed", "GET", "/api/upstream/error", &[], ""),
    (
        "limited upstream",
        "GET",
        "/api/upstream/ratelimited",
        &[],
        "",
    ),
    ("events", "GET", "/api/upstream/stream", &[], ""),
];

const OTHERS: &[Case] = &[
    ("alive", "GET", "/healthz", &[], ""),
    ("the reference", "GET", "/errors", &[], ""),
    ("an entry", "GET", "/errors/rate_limited", &[], ""),
    ("no entry", "GET", "/errors/none", &[], ""),
    ("the document", "GET", "/openapi.json", &[], ""),
    ("no prefix", "GET", "/", &[], ""),
    (
        "a ping",
        "POST",
        "/ads/mcp",
        &[JSON],
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
    ),
    (
        "a notification",
        "POST",
        "/routermcp/mcp",
        &[JSON],
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    ),
    (
        "a method of MCP",
        "POST",
        "/routermcp/mcp",
        &[JSON],
        r#"{"jsonrpc":"2.0","id":1,"method":"none"}"#,
    ),
    ("no message", "POST", "/routermcp/mcp", &[JSON], "{"),
    ("no stream", "GET", "/ads/mcp", &[], ""),
];

/// The cases have each of these.
const STATUSES: &[u64] = &[
    200, 202, 204, 400, 401, 403, 404, 405, 415, 422, 426, 429, 500, 502, 503, 504,
];

const EXPLAINED: &[&str] = &[
    // RFC 9110, section 12.5.3, allows it: it names the codings that a request may have, which httplint does not know.
    "\"Accept-Encoding\" isn't valid in a response.",
    // The formats' documents have no `Location` on 201: the id is in the body.
    "A new resource was created without its location being sent.",
    // Whether a response may be cached is for a handler to say, and the example's handlers do not.
    "This response allows caches to assign their own freshness lifetimes to it.",
    // Events are sent with `Cache-Control: no-cache`, and nobody validates a stream.
    "This response cannot be served from cache without validation, and doesn't have a validator.",
    // This only says what 400 means.
    "The server didn't understand the request.",
];

/// The request and the response of a case, for the script.
async fn lines(
    gateway: &Gateway,
    prefix: &str,
    (name, method, path, fields, body): &Case,
) -> Value {
    let target = format!("{prefix}{path}");
    let ask = gateway
        .ask(method.parse().unwrap(), &target)
        .headers(fields);
    let response = ask.body(*body).send_unchecked().await;
    let mut request = vec![("host", "127.0.0.1"), ("user-agent", "test")];
    request.extend(*fields);
    json!({
        "name": format!("{prefix}: {name}"), "method": method, "target": target, "request": request,
        "status": response.status, "response": fields_of(&response), "body": response.text(),
    })
}

fn fields_of(response: &TestResponse) -> Vec<(&str, &str)> {
    let fields = response.headers.iter();
    fields
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect()
}

/// What the script says: the name of a response, and a note on it.
async fn lint(responses: &[Value]) -> Vec<(String, String)> {
    let mut command = Command::new(python().await);
    let command = command
        .arg(SCRIPT)
        .env("PYTHONPATH", TOOLS)
        .kill_on_drop(true);
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = async {
        let mut process = command.spawn()?;
        let mut input = process.stdin.take().unwrap();
        let lines: String = responses
            .iter()
            .map(|response| format!("{response}\n"))
            .collect();
        let write = async move { input.write_all(lines.as_bytes()).await };
        let (written, output) = tokio::join!(write, process.wait_with_output());
        written.and(output)
    };
    let output: io::Result<_> = timeout(SCRIPT_TIME, run).await.expect("a run in time");
    let output = output.unwrap_or_else(|error| panic!("cannot run Python: {error}; {INSTALL}"));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}; {INSTALL}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/contract/clients/lint.py"
);
