//! The client code that the five formats' documents print, as printed, against the gateway: it does
//! what its document says. The ads document prints none.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

use crate::support::Gateway;

#[tokio::test]
async fn plexmcp_in_javascript() {
    let mut report = report(node(), "plexmcp.mjs").await;

    assert_wait(&mut report, "limited_slept", 1000.0);
    assert_wait(&mut report, "retried_slept", 1000.0);
    assert_eq!(
        report,
        json!({
            "limited": null,
            "unreachable": null,
            "unreachable_said": ["MCP is down, using fallback"],
            "timeout": "mcp_timeout",
            "retried": {"id": 7, "title": "Medium 7"},
            "internal": "internal_error",
            "internal_slept": [1000, 2000],
        })
    );
}

#[tokio::test]
async fn plexmcp_in_python() {
    let mut report = report(python().await, "plexmcp.py").await;

    assert_wait(&mut report, "limited_slept", 1.0);
    assert_eq!(
        report,
        json!({
            "limited": null,
            "unreachable": null,
            "unreachable_said": ["MCP is down, using fallback"],
            "timeout": "mcp_timeout",
        })
    );
}

#[tokio::test]
async fn plexichat_in_javascript() {
    let mut report = report(node(), "plexichat.mjs").await;

    assert_wait(&mut report, "limited_slept", 1000.0);
    assert_eq!(
        report,
        json!({
            "served": {"id": 7, "title": "Medium 7"},
            "limited": {"id": 7, "title": "Medium 7"},
            "missing": "Resource not found",
            "outdated": "Client version a.0.9-1 is no longer supported",
        })
    );
}

#[tokio::test]
async fn plexichat_in_python() {
    let mut report = report(python().await, "plexichat.py").await;

    assert_wait(&mut report, "limited_slept", 1.0);
    assert_eq!(
        report,
        json!({
            "served": [{"id": 7, "title": "Medium 7"}, []],
            "limited": ["retried", ["retry_request"]],
            "unauthenticated": ["retried", ["refresh_token", "retry_request"]],
            "outdated": [null, ["show_update_prompt"]],
            "missing": ["APIError: Resource not found", []],
            "logged": [[404, "Resource not found"]],
        })
    );
}

#[tokio::test]
async fn medianest_in_javascript() {
    let mut report = report(node(), "medianest.mjs").await;

    let wait = &report["limited"]["calls"][0];
    assert_eq!(wait[0], "setTimeout");
    assert!(is_wait(&wait[1], 1000.0), "{report}");
    report["limited"]["calls"][0] = Value::Null;
    let calls = |calls: Value| json!({"calls": calls, "location": "/"});
    assert_eq!(
        report,
        json!({
            "served": {"served": {"id": 7, "title": "Medium 7"}, "calls": [], "location": "/"},
            "limited": calls(json!([null, ["retryRequest"]])),
            "validation": calls(json!([["displayValidationErrors", [
                {"field": "title", "message": "Title must be a string", "value": "1"},
                {"field": "tmdbId", "message": "TMDB ID must be a positive integer", "value": "-1"},
            ]]])),
            "unreachable": calls(json!([["showPlexConnectionError"]])),
            "timeout": calls(json!([
                ["showGenericError", "Plex server operation timed out. Please try again."],
            ])),
            "panicked": calls(json!([
                ["showGenericError", "An unexpected server error occurred. Please try again."],
            ])),
            "unauthorized": {"calls": [], "location": "/login"},
        })
    );
}

#[tokio::test]
async fn routermcp_in_javascript() {
    let report = report(node(), "routermcp.mjs").await;

    assert_eq!(
        report,
        json!({
            "served": ["media.search", "media.broken", "media.slow"],
            "limited": format!("Rate limited. Retry after {HOUR}s"),
            "unknown_tool": "Tool not found: create_issue",
            "unknown_method": "Method not found",
            "broken": "Upstream error: Upstream error",
            "slow": "Upstream error: Upstream error",
        })
    );
}

#[tokio::test]
async fn routermcp_in_python() {
    let report = report(python().await, "routermcp.py").await;

    assert_eq!(
        report,
        json!({
            "served": ["media.search", "media.broken", "media.slow"],
            "limited": [-32005, format!("Rate limited. Retry after {HOUR}s")],
            "unknown_tool": [-32002, "Tool not found"],
            "unknown_method": [-32601, "Method not found"],
            "broken": [-32004, "Upstream error"],
            "slow": [-32004, "Upstream error"],
        })
    );
}

/// What the script says of its calls to a gateway on which a key may ask once in an hour.
async fn report(mut runtime: Command, script: &str) -> Value {
    let gateway = Gateway::with(&["--limit", "once=1/1h", "--timeout", "300ms"]).await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/clients");
    let run = runtime
        .arg(format!("{folder}/{script}"))
        .arg(format!("http://{}", gateway.address))
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let output = timeout(SCRIPT_TIME, run)
        .await
        .unwrap_or_else(|_| panic!("{script} takes too long"))
        .unwrap_or_else(|error| panic!("cannot run {script}: {error}; {INSTALL}"));

    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{script}: {printed}");
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

fn node() -> Command {
    Command::new("node")
}

/// The first Python that has requests: the machine's own, or one that stands before it.
async fn python() -> Command {
    for python in ["python3", "/usr/bin/python3"] {
        let probe = Command::new(python)
            .args(["-c", "import requests"])
            .stderr(Stdio::null())
            .status()
            .await;
        if probe.is_ok_and(|status| status.success()) {
            return Command::new(python);
        }
    }
    panic!("no Python with the module requests; {INSTALL}");
}

/// Takes the one wait out of the report: about an hour, in what is counted by so many a second.
fn assert_wait(report: &mut Value, name: &str, second: f64) {
    let waits = report[name].take();
    assert_eq!(waits.as_array().map(Vec::len), Some(1), "{name}: {waits}");
    assert!(is_wait(&waits[0], second), "{name}: {waits}");
    report.as_object_mut().unwrap().remove(name);
}

/// What takes a moment longer on a slow machine is a moment less to wait.
fn is_wait(wait: &Value, second: f64) -> bool {
    let hour = f64::from(HOUR) * second;
    wait.as_f64()
        .is_some_and(|wait| wait > hour - 5.0 * second && wait <= hour)
}

const HOUR: u32 = 3600;
const INSTALL: &str = "install Node.js and Python with requests (Debian, Ubuntu: apt-get install \
                       nodejs python3 python3-requests), or run `cargo xtask test`, which does";
/// Node and Python take their time to start on a busy machine.
pub(crate) const SCRIPT_TIME: Duration = Duration::from_secs(60);
