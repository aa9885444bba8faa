use std::fmt;
use std::sync::Arc;

use tower_edge_core::http_ext::FieldNames;
use tower_layer::Layer;

use super::{Append, EdgeService, Gate};

/// Several layers as one; see the [module docs](super) for an example.
#[doc(alias("middleware", "ServiceBuilder"))]
#[derive(Debug)]
#[must_use = "an edge does nothing until it is around a service"]
pub struct Edge<G = ()> {
    driver: Driver<G>,
}

impl Edge {
    /// No layers.
    pub fn new() -> Self {
        Self {
            driver: Driver::new(()),
        }
    }
}

impl<G: Gate> Edge<G> {
    /// Adds a layer inside of those that were added before.
    pub fn layer<L: EdgeLayer>(self, layer: L) -> Edge<G::Output>
    where
        G: Append<L::Gate> + Clone,
    {
        let gates = self.driver.into_gate().append(layer.into_gate());
        Edge {
            driver: Driver::new(gates),
        }
    }
}

impl<G> Edge<G> {
    /// Puts the layers around a service.
    pub fn service<S>(&self, inner: S) -> EdgeService<S, G> {
        self.driver.service(inner)
    }
}

impl Default for Edge {
    fn default() -> Self {
        Self::new()
    }
}

impl<G> Clone for Edge<G> {
    fn clone(&self) -> Self {
        Self {
            driver: self.driver.clone(),
        }
    }
}

impl<S, G> Layer<S> for Edge<G> {
    type Service = EdgeService<S, G>;

    fn layer(&self, inner: S) -> EdgeService<S, G> {
        self.service(inner)
    }
}

/// A layer that can stand in an [`Edge`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in an `Edge`",
    note = "another layer stands beside it: `ServiceBuilder::new().layer(edge).layer(other)`",
    note = "to put an `Edge` around a service, write `edge.service(service)`"
)]
pub trait EdgeLayer {
    /// The gate of the layer: it decides about requests, and writes on responses.
    type Gate: Gate + Clone;

    /// Converts the layer into its gate.
    fn into_gate(self) -> Self::Gate;
}

impl<G: Gate + Clone> EdgeLayer for Edge<G> {
    type Gate = G;

    fn into_gate(self) -> G {
        self.driver.into_gate()
    }
}

/// A gate with the data that is prepared when a layer is built. `axum` makes services of a layer for each request, so a
/// service only counts a reference.
pub(crate) struct Driver<G>(Arc<Prepared<G>>);

/// The data that all requests share.
#[derive(Clone, Debug)]
pub(super) struct Prepared<G> {
    pub(super) gate: G,
    pub(super) names: FieldNames,
}

impl<G: Gate> Driver<G> {
    pub(crate) fn new(gate: G) -> Self {
        let mut names = FieldNames::default();
        gate.add_field_names(&mut names);
        Self(Arc::new(Prepared { gate, names }))
    }

    /// The same with settings changed.
    pub(crate) fn with(self, change: impl FnOnce(&mut G)) -> Self
    where
        G: Clone,
    {
        let mut gate = self.into_gate();
        change(&mut gate);
        Self::new(gate)
    }

    pub(crate) fn into_gate(self) -> G
    where
        G: Clone,
    {
        Arc::unwrap_or_clone(self.0).gate
    }
}

impl<G> Driver<G> {
    pub(crate) fn service<S>(&self, inner: S) -> EdgeService<S, G> {
        EdgeService::new(inner, self.0.clone())
    }
}

impl<G> Clone for Driver<G> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<G: fmt::Debug> fmt::Debug for Driver<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.gate.fmt(f)
    }
}

/// Keeps gates to this crate, so that they can change.
#[expect(unnameable_types, reason = "it keeps others from writing gates")]
pub trait Sealed {}
