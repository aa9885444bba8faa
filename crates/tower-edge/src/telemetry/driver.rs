//! Logs a rejection that no envelope has rendered, once.

#[cfg(feature = "tracing")]
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(any(feature = "server", feature = "timeout"))]
use http::Response;
use http::StatusCode;
use tower_edge_core::Problem;
#[cfg(feature = "tracing")]
use tower_edge_core::problem::Facts;

/// Makes the problem of a rejection with this status log at level ERROR if nothing renders it: the body is then empty.
/// One log line is enough to show a stack in the wrong order.
///
/// A timeout around a service whose error `E` can occur is not logged. It is mostly the timeout of a client, whose caller
/// reads the response. A rejection for a gRPC client is not logged either: the client reads its header fields.
pub(crate) fn watch_rejection<E>(problem: &mut Problem, status: StatusCode) {
    #[cfg(feature = "tracing")]
    {
        let is_timeout = matches!(problem.facts(), Some(Facts::Timeout(_)));
        let is_read = status.is_success() || is_timeout && can_occur::<E>();
        if !is_read && !IS_LOGGED.load(Ordering::Relaxed) {
            problem.report_unrendered(log_unrendered);
        }
    }
    let _ = (problem, status, can_occur::<E>());
}

/// The same for the response of a layer beside the driver.
#[cfg(any(feature = "server", feature = "timeout"))]
pub(crate) fn watched<E, B>(mut response: Response<B>) -> Response<B> {
    let status = response.status();
    if let Some(problem) = response.extensions_mut().get_mut() {
        watch_rejection::<E>(problem, status);
    }
    response
}

/// Whether there are values of this type. There are none of [`Infallible`](std::convert::Infallible).
const fn can_occur<E>() -> bool {
    size_of::<Result<(), E>>() > 0
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
