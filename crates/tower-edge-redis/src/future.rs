use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tower_edge_core::rate_limit::Decision;

use crate::RedisStoreError;

/// Resolves to the decision of a [`RedisStore`](crate::RedisStore), at the latest when its timeout is
/// over.
pub struct DecisionFuture {
    // The round trip dwarfs the box.
    inner: Pin<Box<dyn Future<Output = Result<Decision, RedisStoreError>> + Send>>,
}

impl DecisionFuture {
    pub(crate) fn new(
        future: impl Future<Output = Result<Decision, RedisStoreError>> + Send + 'static,
    ) -> Self {
        Self {
            inner: Box::pin(future),
        }
    }
}

impl Future for DecisionFuture {
    type Output = Result<Decision, RedisStoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.inner.as_mut().poll(context)
    }
}

impl fmt::Debug for DecisionFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionFuture").finish_non_exhaustive()
    }
}
