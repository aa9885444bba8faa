use std::error::Error;

use http::HeaderMap;
use tower_edge::core::Problem;
use tower_edge::envelope::ErrorChain;

/// Logs why a tool failed: its answer is a success to HTTP, so that no envelope sees a problem.
pub(super) fn log(tool: &str, headers: &HeaderMap, problem: &Problem) {
    // The id stands among the fields that go upstream.
    let id = headers.get("x-correlation-id");
    let correlation_id = id.and_then(|id| id.to_str().ok());
    let error = ErrorChain::new(problem.source());
    if problem.status().is_server_error() {
        tracing::error!(correlation_id, tool, problem_key = problem.key(), %error, "tool failed");
    } else {
        tracing::debug!(correlation_id, tool, problem_key = problem.key(), %error, "tool refused");
    }
}
