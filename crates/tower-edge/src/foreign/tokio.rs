//! The errors of tokio's tasks; that of its timeouts is known without this feature.

use std::error::Error;

use tokio::task::JoinError;
use tower_edge_core::Kind;

pub(crate) fn kind_of(error: &(dyn Error + 'static)) -> Option<Kind> {
    error.downcast_ref::<JoinError>().map(|error| {
        // Aborted, or its runtime is going: nothing is wrong with the task.
        if error.is_cancelled() {
            Kind::Unavailable
        } else {
            Kind::Internal
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::classify;

    #[tokio::test]
    async fn a_task_that_panicked_is_told_from_one_that_was_aborted() {
        let panicked = tokio::spawn(async { panic!("secret") }).await;
        let task = tokio::spawn(std::future::pending::<()>());
        task.abort();

        assert_eq!(classify(&panicked.unwrap_err()), Some(Kind::Internal));
        assert_eq!(classify(&task.await.unwrap_err()), Some(Kind::Unavailable));
    }
}
