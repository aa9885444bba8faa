use std::time::Duration;

use tower_edge_core::problem::TimeoutFacts;
use tower_layer::Layer;

use super::RequestBodyTimeout;
use super::settings::Settings;
use crate::time_limit::Limit;

/// Answers 408 when a client takes too long to send its body; see the [module docs](super) for an
/// example.
#[derive(Clone, Copy, Debug)]
pub struct RequestBodyTimeoutLayer {
    settings: Settings,
}

impl RequestBodyTimeoutLayer {
    /// A limit on the time between two frames of a body; a zero is over at the first wait.
    ///
    /// It holds for streams too: where a client may be silent while it listens, as in a bidirectional
    /// call of gRPC, do not put the layer in front of those routes.
    #[must_use]
    pub const fn new(idle: Duration) -> Self {
        Self {
            settings: Settings::new(idle),
        }
    }

    /// Tells this function of each timeout, once, those that are [observed](Self::with_observation) too.
    ///
    /// It is called where the request is served, so it should not block. A function that holds
    /// something of its own can be leaked once, with [`Box::leak`], when the service is built.
    #[must_use]
    pub const fn on_timeout(
        mut self,
        hook: &'static (dyn Fn(&TimeoutFacts) + Send + Sync),
    ) -> Self {
        self.settings.tell.on_timeout = Some(hook);
        self
    }

    /// Sets whether timeouts are only told of, to [`on_timeout`](Self::on_timeout), in metrics and in
    /// logs, and no body fails: for limits that are being tried out. By default it is not so.
    #[must_use]
    pub const fn with_observation(mut self, observes: bool) -> Self {
        self.settings.tell.observes = observes;
        self
    }

    /// Limits the time from the call to the end of the body, as against a client that sends a byte now
    /// and then. Not for streams that a client sends.
    #[must_use]
    pub const fn with_total(mut self, total: Duration) -> Self {
        self.settings.total = Limit::new(total);
        self
    }
}

impl<S> Layer<S> for RequestBodyTimeoutLayer {
    type Service = RequestBodyTimeout<S>;

    fn layer(&self, inner: S) -> RequestBodyTimeout<S> {
        RequestBodyTimeout::new(inner, self.settings)
    }
}
