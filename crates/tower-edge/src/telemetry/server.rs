//! Logs connections, and one line for each request. The feature `server` enables `tracing`.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http::{Method, StatusCode};
use tower_edge_core::CorrelationId;

/// The fields of one request in the access log.
#[derive(Debug)]
pub(crate) struct AccessLine<'a> {
    pub(crate) bytes: u64,
    pub(crate) correlation_id: Option<&'a CorrelationId>,
    /// The time until the head of the response.
    pub(crate) duration: Duration,
    /// Why there is no response, or no whole one.
    pub(crate) error_type: Option<&'static str>,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) problem_key: Option<&'static str>,
    /// `None` if there was no response.
    pub(crate) status: Option<StatusCode>,
    /// The time until the end of the response.
    pub(crate) total: Duration,
}

/// Whether access lines are logged.
pub(crate) fn is_access_log_enabled() -> bool {
    tracing::enabled!(target: ACCESS, tracing::Level::INFO)
}

/// Logs a request, outside of any span, so that no field is logged twice.
pub(crate) fn log_access(line: &AccessLine<'_>) {
    tracing::info!(
        target: ACCESS,
        parent: None,
        {
            correlation.id = line.correlation_id.map(CorrelationId::as_str),
            http.request.method = %line.method,
            url.path = line.path,
            http.response.status_code = line.status.map(|status| status.as_u16()),
            problem.key = line.problem_key,
            error.type = line.error_type,
            duration_us = micros(line.duration),
            total_us = micros(line.total),
            http.response.body.size = line.bytes,
        },
        "request"
    );
}

pub(crate) fn log_connection_error(error: &(dyn Error + 'static), peer: SocketAddr) {
    tracing::debug!(
        target: SERVER,
        {
            exception.message = %error,
            network.peer.address = %peer.ip(),
            network.peer.port = peer.port(),
        },
        "a connection ended early"
    );
}

pub(crate) fn log_idle_connection(peer: SocketAddr) {
    tracing::debug!(
        target: SERVER,
        {
            network.peer.address = %peer.ip(),
            network.peer.port = peer.port(),
        },
        "a connection was silent for too long"
    );
}

pub(crate) fn log_reset_stream() {
    tracing::debug!(target: SERVER, "a client takes nothing of a response, and its stream is reset");
}

pub(crate) fn log_too_many_connections(peer: SocketAddr) {
    tracing::debug!(
        target: SERVER,
        {
            network.peer.address = %peer.ip(),
            network.peer.port = peer.port(),
        },
        "too many connections from one address"
    );
}

pub(crate) fn warn_accept_error(error: &io::Error) {
    tracing::warn!(
        target: SERVER,
        {
            exception.message = %error,
        },
        "cannot accept connections"
    );
}

pub(crate) fn log_accept_recovery() {
    tracing::info!(target: SERVER, "connections are accepted again");
}

pub(crate) fn warn_shutdown_timeout() {
    tracing::warn!(target: SERVER, "connections were open for too long, and are cut");
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

const ACCESS: &str = "tower_edge::access";
const SERVER: &str = "tower_edge::server";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::test_support::log::logged;

    #[test]
    fn events_have_the_target_of_what_they_are_about() {
        let peer = SocketAddr::from(([192, 0, 2, 1], 4711));
        let error = || io::Error::other("no more files");

        let lines = logged(|| {
            log_connection_error(&error(), peer);
            log_idle_connection(peer);
            log_reset_stream();
            log_too_many_connections(peer);
            warn_accept_error(&error());
            log_accept_recovery();
            warn_shutdown_timeout();
        });
        let access = logged(|| {
            log_access(&AccessLine {
                bytes: 5,
                correlation_id: None,
                duration: Duration::ZERO,
                error_type: None,
                method: &Method::GET,
                path: "/",
                problem_key: None,
                status: Some(StatusCode::OK),
                total: Duration::ZERO,
            });
        });

        assert_eq!(lines.len(), 7, "{lines:?}");
        for line in lines {
            assert!(line[5..].starts_with(" tower_edge::server: "), "{line}");
        }
        assert!(
            access[0].starts_with(" INFO tower_edge::access: request "),
            "{access:?}"
        );
    }
}
