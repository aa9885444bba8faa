use std::time::Duration;

use tower_edge_core::{BoxError, Panicked};

use super::*;
use crate::envelope::classify;

#[derive(Debug)]
struct Wrapped(BoxError);

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("timed out, connection refused")
    }
}

impl Error for Wrapped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

fn wrapped(outer: io::ErrorKind, inner: impl Into<BoxError>) -> io::Error {
    io::Error::new(outer, Wrapped(inner.into()))
}

#[test]
fn an_error_of_the_system_is_known_by_its_kind() {
    use io::ErrorKind as E;
    for (kind, failure) in [
        (E::TimedOut, Some(UpstreamFailure::Timeout)),
        (E::ConnectionRefused, Some(UpstreamFailure::Unreachable)),
        (E::HostUnreachable, Some(UpstreamFailure::Unreachable)),
        (E::ConnectionReset, Some(UpstreamFailure::Reset)),
        (E::BrokenPipe, Some(UpstreamFailure::Reset)),
        (E::UnexpectedEof, Some(UpstreamFailure::Reset)),
        (E::InvalidData, None),
        (E::NotFound, None),
        (E::Other, None),
    ] {
        assert_eq!(
            UpstreamFailure::of(&io::Error::from(kind)),
            failure,
            "{kind:?}"
        );
    }
}

#[test]
fn a_timeout_is_tested_before_a_failed_connection() {
    let inner = io::Error::from(io::ErrorKind::TimedOut);
    let error = wrapped(io::ErrorKind::ConnectionRefused, inner);

    assert_eq!(UpstreamFailure::of(&error), Some(UpstreamFailure::Timeout));
}

#[test]
fn a_connection_that_could_not_be_secured_is_not_one_that_could_not_be_made() {
    for (inner, failure) in [
        (io::ErrorKind::InvalidData, UpstreamFailure::Tls),
        (io::ErrorKind::UnexpectedEof, UpstreamFailure::Tls),
        (io::ErrorKind::ConnectionReset, UpstreamFailure::Unreachable),
    ] {
        let error = wrapped(io::ErrorKind::ConnectionRefused, io::Error::from(inner));

        assert_eq!(UpstreamFailure::of(&error), Some(failure), "{inner:?}");
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_known_by_the_error_of_the_resolver() {
    // No label may be empty, so the name is not looked up.
    let unknown = tokio::net::lookup_host("a..b:80")
        .await
        .map(drop)
        .unwrap_err();
    let error = wrapped(io::ErrorKind::ConnectionRefused, unknown);

    assert_eq!(UpstreamFailure::of(&error), Some(UpstreamFailure::Dns));
}

#[tokio::test(start_paused = true)]
async fn the_timeouts_of_tokio_and_of_bodies_are_timeouts() {
    let late = tokio::time::timeout(Duration::ZERO, std::future::pending::<()>()).await;

    for (error, failure) in [
        (
            BoxError::from(late.unwrap_err()),
            Some(UpstreamFailure::Timeout),
        ),
        (
            Problem::new(Kind::UpstreamTimeout).into(),
            Some(UpstreamFailure::Timeout),
        ),
        (Panicked::new(&"secret").into(), None),
        (Problem::new(Kind::Internal).into(), None),
    ] {
        assert_eq!(UpstreamFailure::of(&*error), failure, "{error:?}");
    }
}

#[test]
fn the_words_of_an_error_say_nothing() {
    assert_eq!(
        UpstreamFailure::of(&Wrapped("connection reset".into())),
        None
    );
}

#[test]
fn a_failure_is_of_the_kind_that_the_envelope_writes() {
    for kind in [
        io::ErrorKind::TimedOut,
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset,
    ] {
        let error = io::Error::from(kind);

        assert_eq!(
            UpstreamFailure::of(&error).map(UpstreamFailure::kind),
            classify(&error)
        );
    }
}
