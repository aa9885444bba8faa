//! Classifies the errors of tonic's client, and of services that fail with a status.

use std::error::Error;

#[cfg(feature = "envelope")]
use http::Extensions;
use tonic::{Code, ConnectError, Status, TimeoutExpired};
#[cfg(feature = "envelope")]
use tower_edge_core::http_ext::error_chain;
use tower_edge_core::{Kind, Problem};

use super::cancelled::is_late_by;
use super::classify::Classification;
use super::failure::UpstreamFailure;

pub(super) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    let status = error.downcast_ref::<Status>();
    // tonic reports an expired timeout as a cancelled call. If the status has a source, that one is more precise.
    let is_late = status.is_some_and(|status| {
        status.code() == Code::Cancelled
            && status.source().is_none()
            && is_late_by(status.message())
    });
    if is_late || error.is::<TimeoutExpired>() {
        return Some(Classification::new(
            Kind::UpstreamTimeout,
            Some(UpstreamFailure::Timeout),
        ));
    }
    if error.is::<ConnectError>() {
        return Some(Classification::new(
            Kind::UpstreamUnreachable,
            Some(UpstreamFailure::Unreachable),
        ));
    }
    let status = status?;
    // The code that tonic's client gives to a connection that was lost: the source is more precise.
    if status.code() == Code::Unknown && status.source().and_then(UpstreamFailure::of).is_some() {
        return None;
    }
    let problem = Problem::from(status);
    Some(Classification {
        kind: problem.kind(),
        failure: match status.code() {
            Code::DeadlineExceeded => Some(UpstreamFailure::Timeout),
            Code::Cancelled => Some(UpstreamFailure::Cancelled),
            _ => None,
        },
        problem: Some(problem),
    })
}

/// The problem that a handler of tonic has returned as a [`Status`]. tonic leaves it in the extensions.
#[cfg(feature = "envelope")]
pub(super) fn problem_in(extensions: &Extensions) -> Option<&Problem> {
    error_chain(extensions.get::<Status>()?).find_map(<dyn Error>::downcast_ref)
}

#[cfg(feature = "envelope")]
#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use tokio::time::Instant;
    use tower_edge_core::{Deadline, GrpcCode};

    use super::*;
    use crate::envelope;

    #[test]
    fn a_status_is_the_problem_that_it_was_made_from() {
        let problem = envelope::problem_of(Status::not_found("no such medium"));

        assert_eq!(
            (problem.kind(), problem.message()),
            (Kind::NotFound, Some("no such medium"))
        );
    }

    #[test]
    fn the_failures_of_an_upstream_are_distinguished() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        let errors: [(Box<dyn Error>, _); 6] = [
            (TimeoutExpired(()).into(), Some(UpstreamFailure::Timeout)),
            (
                Status::deadline_exceeded("").into(),
                Some(UpstreamFailure::Timeout),
            ),
            (
                Status::cancelled("").into(),
                Some(UpstreamFailure::Cancelled),
            ),
            (
                ConnectError(refused().into()).into(),
                Some(UpstreamFailure::Unreachable),
            ),
            (
                Status::from_error(reset.into()).into(),
                Some(UpstreamFailure::Reset),
            ),
            (Status::not_found("").into(), None),
        ];

        for (error, failure) in errors {
            assert_eq!(UpstreamFailure::of(&*error), failure, "{error:?}");
        }
    }

    #[test]
    fn a_connection_that_was_lost_is_an_error_of_the_upstream() {
        let lost = io::Error::from(io::ErrorKind::ConnectionReset);
        let other = io::Error::from(io::ErrorKind::NotFound);
        for (error, kind, code) in [
            (lost, Kind::UpstreamError, GrpcCode::Unavailable),
            (other, Kind::Internal, GrpcCode::Unknown),
        ] {
            let problem = envelope::problem_of(Status::from_error(error.into()));

            assert_eq!((problem.kind(), problem.grpc_code()), (kind, code));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_cancelled_at_its_deadline_is_late() {
        let second = Duration::from_secs(1);
        let deadline = Deadline::after(Instant::now().into_std(), second).unwrap();
        let kind = |message| {
            let problem = || envelope::problem_of(Status::cancelled(message));
            deadline.scope(problem).kind()
        };

        assert_eq!(kind("a"), Kind::Cancelled);
        // tonic's server, to which less time was sent than there is.
        assert_eq!(kind("Timeout expired"), Kind::UpstreamTimeout);
        tokio::time::advance(second).await;
        assert_eq!(kind("a"), Kind::UpstreamTimeout);
        let own = Status::from(Problem::new(Kind::Cancelled));
        let own = deadline.scope(|| envelope::problem_of(own));
        assert_eq!(own.kind(), Kind::Cancelled);
    }

    #[test]
    fn the_message_of_an_internal_status_is_not_sent() {
        let problem = envelope::problem_of(Status::internal("password=hunter2"));

        assert_eq!((problem.kind(), problem.message()), (Kind::Internal, None));
    }

    #[test]
    fn what_has_caused_a_status_comes_first() {
        let timeout = Status::from_error(Box::new(TimeoutExpired(())));
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let refused = Status::from_error(Box::new(ConnectError(refused.into())));

        assert_eq!(
            envelope::classify(&TimeoutExpired(())),
            Some(Kind::UpstreamTimeout)
        );
        assert_eq!(envelope::problem_of(timeout).kind(), Kind::UpstreamTimeout);
        assert_eq!(
            envelope::problem_of(refused).kind(),
            Kind::UpstreamUnreachable
        );
    }
}
