use std::task::{Context, Poll};

use http::Response;

use super::super::sealed::Sealed;
use super::{First, PollRescue, Rescue};

/// Waits for no body.
#[derive(Clone, Copy, Debug)]
pub struct NoRescue;

impl Sealed for NoRescue {}

impl<B> Rescue<B> for NoRescue {
    type Body = B;
    type Waiting = Self;

    fn waiting(&self) -> Self {
        Self
    }
}

impl<B> PollRescue<B> for NoRescue {
    type Body = B;

    fn hold(
        &mut self,
        response: Response<B>,
        _: impl FnOnce(&Response<B>) -> bool,
    ) -> Option<Response<B>> {
        Some(response)
    }

    fn poll_first(&mut self, _: &mut Context<'_>) -> Poll<First<B>> {
        // Nothing is ever held.
        Poll::Pending
    }
}
