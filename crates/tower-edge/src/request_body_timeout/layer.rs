use std::time::Duration;

use tower_layer::Layer;

use super::RequestBodyTimeout;

/// Answers 408 when a client takes too long to send its body; see the [module docs](super) for an
/// example.
#[derive(Clone, Copy, Debug)]
pub struct RequestBodyTimeoutLayer {
    idle: Duration,
    total: Option<Duration>,
}

impl RequestBodyTimeoutLayer {
    /// A limit on the time between two frames of a body; a zero is over at the first wait.
    ///
    /// It holds for streams too: where a client may be silent while it listens, as in a bidirectional
    /// call of gRPC, do not put the layer in front of those routes.
    #[must_use]
    pub const fn new(idle: Duration) -> Self {
        Self { idle, total: None }
    }

    /// Limits the time from the call to the end of the body, as against a client that sends a byte now
    /// and then. Not for streams that a client sends.
    #[must_use]
    pub const fn with_total(mut self, total: Duration) -> Self {
        self.total = Some(total);
        self
    }
}

impl<S> Layer<S> for RequestBodyTimeoutLayer {
    type Service = RequestBodyTimeout<S>;

    fn layer(&self, inner: S) -> RequestBodyTimeout<S> {
        RequestBodyTimeout::new(inner, self.idle, self.total)
    }
}
