use std::any::Any;
use std::error::Error;
use std::io;

use http_body_util::LengthLimitError;
use tower_edge_core::http_ext::error_chain;
use tower_edge_core::{BoxError, Kind, Panicked, Problem};

use crate::error_sources::{self, UpstreamFailure, of_io};

/// Classifies an error by its type and by those of its causes. `None` means an error of unknown types, which is
/// therefore an internal error.
///
/// ```
/// use std::io;
///
/// use tower_edge::Kind;
/// use tower_edge::envelope::classify;
///
/// let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
///
/// assert_eq!(classify(&refused), Some(Kind::UpstreamUnreachable));
/// ```
///
/// If the chain has several known errors, these go first, in this order:
///
/// 1. a timeout, since a connection that took too long is reported as one that failed;
/// 2. an upstream that could not be reached;
/// 3. the outermost error that shows what happened;
/// 4. the outermost error that shows whose fault it is: the client's, ours or the upstream's;
/// 5. a call that was cancelled.
#[doc(alias("error handler", "load shed"))]
#[must_use]
pub fn classify(error: &(dyn Error + 'static)) -> Option<Kind> {
    let mut general = None;
    let mut special = None;
    let mut unreachable = None;
    // It shows the least: calls are cancelled for many reasons.
    let mut cancelled = None;
    for kind in error_chain(error).filter_map(kind_of) {
        match kind {
            Kind::UpstreamTimeout => return Some(kind),
            Kind::UpstreamUnreachable => unreachable = Some(kind),
            Kind::Cancelled => cancelled = Some(kind),
            Kind::BadRequest | Kind::Internal | Kind::UpstreamError => {
                general = general.or(Some(kind));
            }
            _ => special = special.or(Some(kind)),
        }
    }
    unreachable.or(special).or(general).or(cancelled)
}

/// Converts an error to a problem, as an envelope does. It is for a handler that has the error itself.
///
/// ```
/// use std::io;
///
/// use tower_edge::Kind;
/// use tower_edge::envelope::problem_of;
///
/// let problem = problem_of(io::Error::from(io::ErrorKind::ConnectionReset));
///
/// assert_eq!(problem.kind(), Kind::UpstreamError);
/// ```
///
/// A [`Problem`] in the chain of causes is that problem. Otherwise the error is the problem's source.
#[must_use]
pub fn problem_of(error: impl Into<BoxError>) -> Problem {
    problem_by(error.into(), None)
}

/// The same, but calls this function first.
#[cold]
pub(in super::super) fn problem_by(error: BoxError, classify_first: Option<&Classify>) -> Problem {
    if let Some(problem) = error_chain(&*error).find_map(|error| error.downcast_ref::<Problem>()) {
        return problem.clone();
    }
    let kind = classify_first.and_then(|classify| error_chain(&*error).find_map(classify));
    let kind = kind.or_else(|| classify(&*error)).unwrap_or(Kind::Internal);
    // The rest of a status is kept, unless its code has another cause.
    let known = error_chain(&*error)
        .filter_map(|error| error_sources::classify(error)?.problem)
        .find(|problem| problem.kind() == kind);
    known
        .unwrap_or_else(|| Problem::new(kind))
        .with_source(error)
}

/// Returns the kind of an error, or `None` if it does not know the error.
pub(in super::super) type Classify = dyn Fn(&(dyn Error + 'static)) -> Option<Kind> + Send + Sync;

/// The problem of a panic that was caught.
#[cold]
pub(in super::super) fn panicked(payload: Box<dyn Any + Send>) -> Problem {
    Problem::new(Kind::Internal).with_source(Panicked::consume(payload))
}

fn kind_of(error: &(dyn Error + 'static)) -> Option<Kind> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // Only errors of a connection count: others do not show whose fault they are.
        of_io(error).map(UpstreamFailure::kind)
    } else if let Some(problem) = error.downcast_ref::<Problem>() {
        Some(problem.kind())
    } else if error.is::<Panicked>() {
        Some(Kind::Internal)
    } else if error.is::<LengthLimitError>() {
        Some(Kind::ContentTooLarge)
    } else {
        error_sources::classify(error).map(|known| known.kind)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use http_body_util::{BodyExt, Full, Limited};
    use tokio_test::block_on;

    use super::*;

    /// An error that shows nothing itself.
    #[derive(Debug)]
    struct Wrapped(BoxError);

    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("wrapped")
        }
    }

    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&*self.0)
        }
    }

    fn io(kind: io::ErrorKind) -> BoxError {
        io::Error::from(kind).into()
    }

    #[test]
    fn an_error_of_the_connection_is_known_however_deep() {
        for (kind, expected) in [
            (io::ErrorKind::TimedOut, Kind::UpstreamTimeout),
            (io::ErrorKind::ConnectionRefused, Kind::UpstreamUnreachable),
            (io::ErrorKind::ConnectionReset, Kind::UpstreamError),
        ] {
            assert_eq!(classify(&Wrapped(Wrapped(io(kind)).into())), Some(expected));
            assert_eq!(
                classify(&io::Error::other(Wrapped(io(kind)))),
                Some(expected)
            );
        }
    }

    #[test]
    fn a_timeout_is_tested_before_a_failed_connection() {
        let connect = io::Error::new(
            io::ErrorKind::ConnectionRefused,
            Wrapped(io(io::ErrorKind::TimedOut)),
        );

        assert_eq!(classify(&connect), Some(Kind::UpstreamTimeout));
    }

    #[test]
    fn an_unknown_error_is_internal_and_kept_for_logs() {
        let problem = problem_of("password=hunter2");

        assert_eq!(problem.kind(), Kind::Internal);
        assert_eq!(
            problem.source().map(ToString::to_string).as_deref(),
            Some("password=hunter2")
        );
    }

    #[test]
    fn a_problem_in_the_chain_is_the_problem() {
        let problem = problem_of(Wrapped(
            Problem::new(Kind::Conflict).with_message("taken").into(),
        ));

        assert_eq!(
            (problem.kind(), problem.message()),
            (Kind::Conflict, Some("taken"))
        );
    }

    #[test]
    fn a_body_that_stalled_is_a_timeout() {
        assert_eq!(
            classify(&Wrapped(Problem::new(Kind::UpstreamTimeout).into())),
            Some(Kind::UpstreamTimeout)
        );
        assert_eq!(classify(&Panicked::new(&"secret")), Some(Kind::Internal));
    }

    #[test]
    fn a_circle_of_causes_has_an_end() {
        #[derive(Debug)]
        struct Circle;
        impl fmt::Display for Circle {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("circle")
            }
        }
        impl Error for Circle {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }

        assert_eq!(classify(&Circle), None);
    }

    #[test]
    fn an_error_is_known_through_what_hides_its_type() {
        let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
        let shared: Arc<dyn Error + Send + Sync> = Arc::new(Wrapped(reset().into()));
        let local: Arc<dyn Error> = Arc::new(reset());
        let hidden: [&(dyn Error + 'static); 6] = [
            &Arc::<dyn Error + Send + Sync>::from(BoxError::from(reset())),
            &shared,
            &local,
            &Arc::new(reset()),
            &Box::new(reset()),
            &io::Error::other(Arc::clone(&shared)),
        ];

        for error in hidden {
            assert_eq!(classify(error), Some(Kind::UpstreamError), "{error:?}");
        }
    }

    #[test]
    fn what_shows_more_goes_before_what_only_shows_whose_it_is() {
        // As of a client that passes on how the request's own body failed.
        let error = io::Error::new(io::ErrorKind::BrokenPipe, Wrapped(too_long()));

        assert_eq!(classify(&error), Some(Kind::ContentTooLarge));
    }

    /// What reading a body that is too long gives.
    fn too_long() -> BoxError {
        let body = Limited::new(Full::<Bytes>::from("too long"), 3);
        block_on(body.collect()).unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn a_timeout_of_tokio_is_known() {
        let late = tokio::time::timeout(Duration::ZERO, std::future::pending::<()>()).await;

        assert_eq!(classify(&late.unwrap_err()), Some(Kind::UpstreamTimeout));
    }

    #[test]
    fn a_chain_is_followed_for_32_errors_and_no_further() {
        let deep = |depth: usize| {
            let reset = io(io::ErrorKind::ConnectionReset);
            (1..depth).fold(reset, |error, _| Wrapped(error).into())
        };

        assert_eq!(classify(&*deep(32)), Some(Kind::UpstreamError));
        assert_eq!(classify(&*deep(33)), None);
    }

    #[test]
    fn the_words_of_an_error_say_nothing() {
        for words in [
            "connection refused",
            "timed out",
            "rate limited",
            "404 not found",
        ] {
            assert_eq!(problem_of(words).kind(), Kind::Internal);
        }
    }
}
