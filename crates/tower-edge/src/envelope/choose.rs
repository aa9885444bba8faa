use std::fmt;

use tower_edge_core::{Format, Head};

/// One of several formats, for a choice among them.
pub type AnyFormat = &'static (dyn Format + Send + Sync);

/// Chooses the format of a request's problems, before the inner service is called.
///
/// [`ByPath`](super::ByPath), [`ByContentType`](super::ByContentType) and [`ByAccept`](super::ByAccept) do;
/// a type of yours can, and is then given to [`EnvelopeLayer::by`](super::EnvelopeLayer::by). It is asked
/// for each request, so it should cost little; where a closure does, see
/// [`by_request`](super::EnvelopeLayer::by_request).
pub trait Choose {
    /// The format, or a handle to one.
    type Format: Format + 'static;

    /// The format for the request with this head.
    fn choose(&self, head: Head<'_>) -> Self::Format;
}

/// The same format for all requests.
#[derive(Clone, Copy, Debug)]
pub struct Always<F>(pub(super) F);

impl<F: Clone + Format + 'static> Choose for Always<F> {
    type Format = F;

    fn choose(&self, _: Head<'_>) -> F {
        self.0.clone()
    }
}

/// A format that depends on the request.
#[derive(Clone, Copy)]
pub struct ByRequest<C>(pub(super) C);

impl<C, F> Choose for ByRequest<C>
where
    C: Fn(Head<'_>) -> F,
    F: Format + 'static,
{
    type Format = F;

    fn choose(&self, head: Head<'_>) -> F {
        (self.0)(head)
    }
}

impl<C> fmt::Debug for ByRequest<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByRequest").finish_non_exhaustive()
    }
}
