//! Classifies the errors of tower's own layers.

use std::error::Error;

use tower::balance::error::Discover;
use tower::buffer::error::Closed;
use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;
use tower::util::error::optional::None as NotSet;
use tower_edge_core::Kind;

use super::classify::Classification;
use super::failure::UpstreamFailure;

pub(super) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    if error.is::<Elapsed>() {
        let failure = UpstreamFailure::Timeout;
        Some(Classification::new(failure.kind(), Some(failure)))
    } else if error.is::<Overloaded>() {
        Some(Classification::new(Kind::Overloaded, None))
    } else if error.is::<Closed>() || error.is::<Discover>() || error.is::<NotSet>() {
        Some(Classification::new(Kind::Unavailable, None))
    } else {
        None
    }
}

#[cfg(feature = "envelope")]
#[cfg(test)]
mod tests {
    use std::future::{Ready, poll_fn, ready};
    use std::io;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use futures_util::stream;
    use tokio_test::block_on;
    use tower::balance::p2c::Balance;
    use tower::buffer::Buffer;
    use tower::discover::Change;
    use tower::load::Constant;
    use tower::util::{Optional, ServiceFn};
    use tower::{BoxError, Service, ServiceExt, service_fn};

    use super::*;
    use crate::envelope::problem_of;

    fn kind_of(error: &(dyn Error + 'static)) -> Option<Kind> {
        classify(error).map(|known| known.kind)
    }

    #[test]
    fn knows_a_timeout_from_shed_load() {
        assert_eq!(kind_of(&Elapsed::new()), Some(Kind::UpstreamTimeout));
        assert_eq!(kind_of(&Overloaded::new()), Some(Kind::Overloaded));
        assert_eq!(kind_of(&std::fmt::Error), None);
    }

    // RFC 9110, section 15.6.4: a 503 may say when to try again.
    #[test]
    fn shed_load_may_come_again_in_a_second() {
        let problem = problem_of(Overloaded::new());

        assert_eq!(problem.kind(), Kind::Overloaded);
        assert_eq!(problem.retry_after(), Some(Duration::from_secs(1)));
    }

    #[test]
    fn a_buffer_without_its_worker_is_unavailable() {
        let service = service_fn(async |(): ()| Ok::<_, BoxError>(()));
        let (mut buffer, worker) = Buffer::pair(service, 1);
        drop(worker);

        let error = block_on(buffer.ready()).map(|_| ()).unwrap_err();

        assert_eq!(kind_of(&*error), Some(Kind::Unavailable));
    }

    #[tokio::test]
    async fn what_failed_behind_a_buffer_is_what_counts() {
        /// Fails with an error instead of becoming ready.
        struct Broken;
        impl Service<()> for Broken {
            type Response = ();
            type Error = io::Error;
            type Future = Ready<io::Result<()>>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Err(io::ErrorKind::ConnectionRefused.into()))
            }

            fn call(&mut self, (): ()) -> Self::Future {
                ready(Ok(()))
            }
        }
        let mut buffer = Buffer::new(Broken, 1);

        let called = buffer.ready().await.map(|buffer| buffer.call(()));
        let error = match called {
            Ok(response) => response.await.unwrap_err(),
            Err(error) => error,
        };

        assert_eq!(problem_of(error).kind(), Kind::UpstreamUnreachable);
    }

    #[test]
    fn a_balance_that_finds_no_endpoints_is_unavailable() {
        type Endpoint = Constant<ServiceFn<fn(()) -> Ready<Result<(), BoxError>>>, usize>;
        let lost = Err::<Change<usize, Endpoint>, BoxError>("no such name".into());
        let mut balance = Balance::<_, ()>::new(stream::iter([lost]));

        let error = block_on(poll_fn(|cx| balance.poll_ready(cx))).unwrap_err();

        assert_eq!(kind_of(&*error), Some(Kind::Unavailable));
    }

    #[test]
    fn a_service_that_is_not_set_is_unavailable() {
        let service = service_fn(async |(): ()| Ok::<_, BoxError>(()));
        let absent = Some(service).filter(|_| false);

        let error = block_on(Optional::new::<()>(absent).oneshot(())).unwrap_err();

        assert_eq!(kind_of(&*error), Some(Kind::Unavailable));
    }
}
