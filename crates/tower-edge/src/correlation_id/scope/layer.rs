use tower_layer::Layer;

use super::EnterScope;

/// Sets what [`CorrelationId::current`](tower_edge_core::CorrelationId::current) answers; it stands
/// right inside of the layer that gives ids, where
/// [`with_scope`](crate::correlation_id::CorrelationIdLayer::with_scope) puts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScopeLayer(());

impl ScopeLayer {
    pub(in super::super) const fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for ScopeLayer {
    type Service = EnterScope<S>;

    fn layer(&self, inner: S) -> EnterScope<S> {
        EnterScope::new(inner)
    }
}
