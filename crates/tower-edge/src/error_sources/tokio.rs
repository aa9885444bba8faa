//! Classifies the errors of tokio: of its timeouts and, with the feature `tokio`, of its tasks.

use std::error::Error;

#[cfg(feature = "tokio")]
use tokio::task::JoinError;
use tokio::time::error::Elapsed;
use tower_edge_core::Kind;

use super::classify::Classification;
use super::failure::UpstreamFailure;

pub(super) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    if error.is::<Elapsed>() {
        return Some(Classification::new(
            Kind::UpstreamTimeout,
            Some(UpstreamFailure::Timeout),
        ));
    }
    #[cfg(feature = "tokio")]
    if let Some(error) = error.downcast_ref::<JoinError>() {
        // An aborted task is cancelled, and so is a task whose runtime shuts down. Neither has a bug.
        let kind = if error.is_cancelled() {
            Kind::Unavailable
        } else {
            Kind::Internal
        };
        return Some(Classification::new(kind, None));
    }
    None
}

#[cfg(feature = "tokio")]
#[cfg(feature = "envelope")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::classify;

    #[tokio::test]
    async fn a_task_that_panicked_is_distinguished_from_one_that_was_aborted() {
        let panicked = tokio::spawn(async { panic!("secret") }).await;
        let task = tokio::spawn(std::future::pending::<()>());
        task.abort();

        assert_eq!(classify(&panicked.unwrap_err()), Some(Kind::Internal));
        assert_eq!(classify(&task.await.unwrap_err()), Some(Kind::Unavailable));
    }
}
