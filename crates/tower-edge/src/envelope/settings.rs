use std::fmt;

use tower_edge_core::{Classify, Exposure};

use super::{Report, Upstream};
use crate::telemetry;

/// What a user has set. A body that is watched takes a copy along.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub(super) classify: Classify,
    /// The domain of the reasons that gRPC clients are given.
    pub(super) domain: &'static str,
    pub(super) exposure: Exposure,
    pub(super) on_problem: Option<Hook>,
    /// Whether problems that an inner envelope has written are written anew.
    pub(super) rewrites_inner: bool,
    pub(super) upstream: Upstream,
}

/// Borrowed for good, so that a request costs no count of references.
pub(super) type Hook = &'static (dyn Fn(&Report<'_>) + Send + Sync);

impl Settings {
    /// Whether anybody wants to know of a body that breaks off.
    pub(super) fn listens(&self) -> bool {
        self.on_problem.is_some() || telemetry::envelope::is_enabled()
    }

    pub(super) fn tell(&self, report: &Report<'_>) {
        telemetry::envelope::record_problem(report);
        if let Some(hook) = self.on_problem {
            hook(report);
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("exposure", &self.exposure)
            .finish_non_exhaustive()
    }
}
