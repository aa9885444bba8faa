use std::error::Error;

use http::StatusCode;
use tower_edge_core::http_ext::error_chain;
use tower_edge_core::{BoxError, Kind, Problem};

use super::table::{classify, problem_of};
use crate::UpstreamFailure;

/// Converts the errors of one upstream's client to problems, in handlers and in tower's `map_err`.
///
/// ```
/// use std::io;
///
/// use tower_edge::UpstreamFailure;
/// use tower_edge::envelope::UpstreamErrors;
///
/// const PLEX: UpstreamErrors = UpstreamErrors::new("plex")
///     .with_unavailable(UpstreamFailure::Unreachable)
///     .with_address("http://10.0.0.7:32400");
///
/// let problem = PLEX.problem_of(io::Error::from(io::ErrorKind::ConnectionRefused));
///
/// assert_eq!(problem.status(), 503);
/// ```
///
/// Put it around a client, so that an envelope further out finds the problem:
///
/// ```
/// # use tower_edge::envelope::UpstreamErrors;
/// # const PLEX: UpstreamErrors = UpstreamErrors::new("plex");
/// # fn stack<C>(client: C) -> impl Sized {
/// tower::ServiceBuilder::new().map_err(|error: std::io::Error| PLEX.problem_of(error)).service(client)
/// # }
/// # let _ = stack(());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct UpstreamErrors {
    address: Option<&'static str>,
    name: &'static str,
    operation: Option<&'static str>,
    /// A bit for each failure.
    unavailable: u8,
}

impl UpstreamErrors {
    /// The errors of the upstream of this name. The name is the detail `upstream` of a problem.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            address: None,
            name,
            operation: None,
            unavailable: 0,
        }
    }

    /// Sets the address of the upstream. It is the detail `upstream_address`, in development only.
    #[must_use]
    pub const fn with_address(mut self, address: &'static str) -> Self {
        self.address = Some(address);
        self
    }

    /// Sets the operation of the upstream. It is the detail `operation`.
    #[must_use]
    pub const fn with_operation(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Responds to this failure with a 503 in place of a 502, as some APIs do. A timeout stays a 504.
    #[must_use]
    pub const fn with_unavailable(mut self, failure: UpstreamFailure) -> Self {
        self.unavailable |= 1 << failure as u8;
        self
    }

    /// Converts an error of the client to a problem.
    ///
    /// If a [`Problem`] is in the chain, it is returned. For an error that the upstream has not caused, the result is
    /// that of [`problem_of`](super::problem_of). The error becomes the problem's source. In development, the detail
    /// `upstream_failure` names it.
    #[must_use]
    pub fn problem_of(&self, error: impl Into<BoxError>) -> Problem {
        let error = error.into();
        let is_problem = error_chain(&*error).any(<dyn Error>::is::<Problem>);
        let kind = classify(&*error);
        let failure = UpstreamFailure::of(&*error);
        // An upload that breaks off is reported as a broken connection, but the client has caused it.
        let is_upstreams = kind.map_or(failure.is_some(), is_of_upstream);
        if is_problem || !is_upstreams {
            return problem_of(error);
        }
        let mut problem = problem_of(error).with_detail("upstream", self.name);
        if let Some(failure) = failure {
            problem = problem.with_development_detail("upstream_failure", failure.name());
            if self.responds_unavailable(failure) {
                problem = problem.with_status(StatusCode::SERVICE_UNAVAILABLE);
            }
        }
        if let Some(operation) = self.operation {
            problem = problem.with_detail("operation", operation);
        }
        match self.address {
            Some(address) => problem.with_development_detail("upstream_address", address),
            None => problem,
        }
    }

    fn responds_unavailable(&self, failure: UpstreamFailure) -> bool {
        failure != UpstreamFailure::Timeout && self.unavailable & (1 << failure as u8) != 0
    }
}

/// Whether a problem of this kind is about an upstream.
const fn is_of_upstream(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::UpstreamError | Kind::UpstreamTimeout | Kind::UpstreamUnreachable
    )
}

#[cfg(test)]
mod tests {
    use std::io;

    use bytes::Bytes;
    use http_body_util::{BodyExt, Full, Limited};
    use tokio_test::block_on;
    use tower_edge_core::Exposure;

    use super::*;

    const PLEX: UpstreamErrors = UpstreamErrors::new("plex")
        .with_address("http://10.0.0.7")
        .with_operation("search")
        .with_unavailable(UpstreamFailure::Timeout)
        .with_unavailable(UpstreamFailure::Unreachable);

    fn classified(kind: io::ErrorKind) -> (u16, Option<Kind>, Option<Kind>) {
        let problem = PLEX.problem_of(io::Error::from(kind));
        let known = classify(problem.source().unwrap());
        (problem.status().as_u16(), Some(problem.kind()), known)
    }

    #[test]
    fn only_the_failures_that_are_named_are_503() {
        for (error, status) in [
            (io::ErrorKind::ConnectionRefused, 503),
            (io::ErrorKind::ConnectionReset, 502),
            (io::ErrorKind::TimedOut, 504),
        ] {
            let (responded, kind, known) = classified(error);

            assert_eq!((responded, kind), (status, known), "{error:?}");
        }
    }

    #[test]
    fn addresses_are_sent_in_development_alone() {
        let problem = PLEX.problem_of(io::Error::from(io::ErrorKind::ConnectionReset));

        let names = |exposure: Exposure| {
            let shown = problem.details().iter();
            let shown = shown.filter(move |detail| exposure.shows(detail.visibility()));
            shown
                .map(|detail| detail.name().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Exposure::Production), ["upstream", "operation"]);
        assert!(names(Exposure::Development).contains(&"upstream_address".to_owned()));
    }

    #[test]
    fn what_is_not_the_upstreams_doing_is_left_alone() {
        let conflict = PLEX.problem_of(Problem::new(Kind::Conflict));
        let unknown = PLEX.problem_of("out of cheese");

        assert_eq!(
            (conflict.kind(), conflict.details().len()),
            (Kind::Conflict, 0)
        );
        assert_eq!(
            (unknown.kind(), unknown.details().len()),
            (Kind::Internal, 0)
        );
    }

    #[test]
    fn an_upload_that_is_too_long_is_not_blamed_on_the_upstream() {
        let limited = Limited::new(Full::new(Bytes::from_static(b"too long")), 1);
        let too_long = block_on(limited.collect()).unwrap_err();
        let broken = io::Error::new(io::ErrorKind::BrokenPipe, too_long);

        let problem = PLEX.problem_of(broken);

        assert_eq!(
            (problem.kind(), problem.details().len()),
            (Kind::ContentTooLarge, 0)
        );
    }
}
