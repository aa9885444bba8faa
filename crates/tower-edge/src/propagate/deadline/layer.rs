use std::time::Duration;

use tower_edge_core::deadline::DeadlineField;
use tower_layer::Layer;

use super::PropagateDeadline;

/// Tells an upstream how long its answer will be waited for; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct PropagateDeadlineLayer {
    field: DeadlineField,
    margin: Duration,
}

impl PropagateDeadlineLayer {
    /// What remains is told in this field, whatever it has held before.
    #[must_use]
    pub const fn new(field: DeadlineField) -> Self {
        Self {
            field,
            margin: Duration::ZERO,
        }
    }

    /// Keeps this much of the time for ourselves: for the way back, and for what is still to be done
    /// with the answer. The default is zero.
    #[must_use]
    pub const fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }
}

impl<S> Layer<S> for PropagateDeadlineLayer {
    type Service = PropagateDeadline<S>;

    fn layer(&self, inner: S) -> PropagateDeadline<S> {
        PropagateDeadline::new(inner, self.field.clone(), self.margin)
    }
}
