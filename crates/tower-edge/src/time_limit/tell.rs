use std::fmt;

use tokio::time::Instant;
use tower_edge_core::problem::TimeoutFacts;

use super::Due;
use crate::telemetry;

/// Who is told of timeouts, and whether anything else comes of them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tell {
    /// Whether timeouts are only told of.
    pub(crate) observes: bool,
    pub(crate) on_timeout: Option<Hook>,
    pub(crate) operation: Option<&'static str>,
    pub(crate) upstream: Option<&'static str>,
}

// Borrowed for good, so that a layer needs no type for each.
pub(crate) type Hook = &'static (dyn Fn(&TimeoutFacts) + Send + Sync);

impl Tell {
    pub(crate) const NOBODY: Self = Self {
        observes: false,
        on_timeout: None,
        operation: None,
        upstream: None,
    };

    /// Tells everybody who wants to know that a limit is over, and what is to be done about it: the
    /// facts, if something is to be cut.
    #[cold]
    pub(crate) fn told(&self, due: Due, now: Instant) -> Option<TimeoutFacts> {
        let mut facts = TimeoutFacts::new(due.phase, due.limit(), due.elapsed(now));
        facts.operation = self.operation;
        facts.upstream = self.upstream;
        telemetry::timeout::record_timeout(&facts, !self.observes);
        if let Some(hook) = self.on_timeout {
            hook(&facts);
        }
        (!self.observes).then_some(facts)
    }
}

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tell")
            .field("observes", &self.observes)
            .field("operation", &self.operation)
            .field("upstream", &self.upstream)
            .finish_non_exhaustive()
    }
}
