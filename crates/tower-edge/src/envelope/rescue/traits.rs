use std::task::{Context, Poll};

use http::Response;
use http::response::Parts;
use tower_edge_core::Broken;

use super::super::sealed::Sealed;

/// Whether an envelope waits for the first frame of a body. [`NoRescue`](super::NoRescue) does not, and
/// leaves the body's type alone, [`FirstFrame`](super::FirstFrame) does; others there are none.
pub trait Rescue<B>: Sealed {
    /// The body that is handed on.
    type Body;
    /// What waits.
    type Waiting: PollRescue<B, Body = Self::Body>;

    /// Has nothing to wait for yet.
    fn waiting(&self) -> Self::Waiting;
}

/// Holds one response back.
pub trait PollRescue<B>: Sealed {
    /// The body that is handed on.
    type Body;

    /// Keeps the response, if it is wanted and has a body to wait for; else hands it on at once.
    fn hold(
        &mut self,
        response: Response<B>,
        wanted: impl FnOnce(&Response<B>) -> bool,
    ) -> Option<Response<Self::Body>>;

    /// What the body of the held response begins with.
    fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<First<Self::Body>>;
}

/// What a body begins with.
#[derive(Debug)]
pub enum First<B> {
    /// A frame, or its end: the response is handed on.
    Frame(Response<B>),
    /// It broke off: what is left is the head.
    Broken(Parts, Broken),
}
