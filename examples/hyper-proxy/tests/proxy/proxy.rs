//! The proxy as a process of its own, and what its errors look like.

use std::process::Stdio;

use tokio::process::Command;
use tower_edge_tests::{Process, TestResponse};

/// Starts the proxy on a free port in front of this upstream.
pub(crate) async fn before(upstream: &str) -> Process {
    with_flags(upstream, &[]).await
}

/// The same with these flags.
pub(crate) async fn with_flags(upstream: &str, flags: &[&str]) -> Process {
    let mut command = command(flags);
    // What tests provoke is no news.
    command.env("RUST_LOG", "off");
    start(upstream, command).await
}

/// The same, and logs here what it logs by default.
pub(crate) async fn logging_to(log: impl Into<Stdio>, upstream: &str, flags: &[&str]) -> Process {
    let mut command = command(flags);
    command.stderr(log);
    start(upstream, command).await
}

async fn start(upstream: &str, mut command: Command) -> Process {
    command.args(["--listen", "127.0.0.1:0", "--upstream", upstream]);
    Process::start(command).await
}

/// The proxy's binary with these flags.
pub(crate) fn command(flags: &[&str]) -> Command {
    let mut command = tower_edge_tests::command(env!("CARGO_BIN_EXE_hyper-proxy"));
    command.args(flags);
    command
}

/// Compares a response with RFC 9457, and requires an id.
pub(crate) fn assert_problem(response: &TestResponse, status: u16) {
    assert_eq!(response.status, status, "{response:?}");
    assert_eq!(response.field("content-type"), "application/problem+json");
    assert!(!response.field("x-correlation-id").is_empty());
    let body = response.text();
    assert!(body.contains(&format!("\"status\":{status}")), "{body}");
}
