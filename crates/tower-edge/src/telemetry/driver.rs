//! Logs a rejection that no envelope has rendered, once.

#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "tracing")]
use http::StatusCode;
use tower_edge_core::Problem;

/// Makes the problem of a rejection log at level ERROR if nothing renders it: the body is then empty. One log line is
/// enough to show a stack in the wrong order.
pub(crate) fn watch_rejection(problem: &mut Problem) {
    #[cfg(feature = "tracing")]
    if !IS_LOGGED.load(Ordering::Relaxed) {
        problem.report_unrendered(log_unrendered);
    }
    let _ = problem;
}

#[cfg(feature = "tracing")]
#[cold]
fn log_unrendered(key: &'static str, status: StatusCode) {
    if tracing::enabled!(target: TARGET, tracing::Level::ERROR)
        && !IS_LOGGED.swap(true, Ordering::Relaxed)
    {
        tracing::error!(
            target: TARGET,
            {
                problem.key = key,
                http.response.status_code = status.as_u16(),
            },
            "a rejection left with an empty body, since no envelope rendered it: put `EnvelopeLayer` outside of the \
                 layer that rejects; on an axum `Router`, the last `.layer()` is the outermost"
        );
    }
}

#[cfg(feature = "tracing")]
static IS_LOGGED: AtomicBool = AtomicBool::new(false);
#[cfg(feature = "tracing")]
const TARGET: &str = "tower_edge::driver";
