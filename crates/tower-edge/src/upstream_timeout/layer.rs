use std::time::Duration;

use tower_layer::Layer;

use super::UpstreamTimeout;
use super::limits::Limits;

/// Answers 504 when what is behind it does not answer in time; see the [module docs](super) for an
/// example.
#[derive(Clone, Copy, Debug)]
pub struct UpstreamTimeoutLayer {
    limits: Limits,
}

impl UpstreamTimeoutLayer {
    /// A limit on the time until the head of the response; a zero is over at the first wait.
    #[must_use]
    pub const fn new(head: Duration) -> Self {
        Self {
            limits: Limits {
                head,
                idle: None,
                operation: None,
                total: None,
            },
        }
    }

    /// Limits the time between two frames of the body, counted while the client waits for one.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.limits.idle = Some(idle);
        self
    }

    /// Names what the upstream is asked for, such as `library_search`; formats may show it.
    #[must_use]
    pub const fn with_operation(mut self, operation: &'static str) -> Self {
        self.limits.operation = Some(operation);
        self
    }

    /// Limits the time from the call to the end of the body. Not for event streams.
    #[must_use]
    pub const fn with_total(mut self, total: Duration) -> Self {
        self.limits.total = Some(total);
        self
    }
}

impl<S> Layer<S> for UpstreamTimeoutLayer {
    type Service = UpstreamTimeout<S>;

    fn layer(&self, inner: S) -> UpstreamTimeout<S> {
        UpstreamTimeout::new(inner, self.limits)
    }
}
