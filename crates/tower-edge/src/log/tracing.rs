//! Tells operators what clients are not told.

use std::error::Error;
use std::fmt;

use tower_edge_core::CorrelationId;
use tower_edge_core::Problem;

/// A server error with the errors behind it; other problems at the level of debugging.
pub(crate) fn problem(problem: &Problem, id: Option<&CorrelationId>) {
    let correlation_id = id.map(CorrelationId::as_str);
    let (problem_key, status) = (problem.key(), problem.status().as_u16());
    if problem.status().is_server_error() {
        let error_id = problem.occurrence().map(tracing::field::display);
        let error = Chain(problem.source());
        let facts = problem.facts().map(tracing::field::debug);
        tracing::error!(correlation_id, error_id, problem_key, status, facts, %error, "server error");
    } else {
        tracing::debug!(correlation_id, problem_key, status, "client error");
    }
}

/// An error and its sources, each level once.
struct Chain<'a>(Option<&'a (dyn Error + 'static)>);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next = self.0;
        let mut separator = "";
        for _ in 0..MAX_DEPTH {
            let Some(error) = next else { break };
            write!(f, "{separator}{error}")?;
            separator = ": ";
            next = error.source();
        }
        Ok(())
    }
}

const MAX_DEPTH: usize = 16;
