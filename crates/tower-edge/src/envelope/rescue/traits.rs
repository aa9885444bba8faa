use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http::response::Parts;
use http_body::{Body, Frame, SizeHint};
use tower_edge_core::{Broken, contain_panic};

use super::super::sealed::Sealed;

/// Whether an envelope waits for the first frame of a body. [`NoRescue`] does not, and
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

/// A body whose first frame was waited for.
#[derive(Debug)]
pub struct Rescued<B> {
    /// Absent when it was over already.
    body: Option<B>,
    first: Option<Frame<Bytes>>,
}

impl<B> Rescued<B> {
    pub(super) const fn whole(body: B) -> Self {
        Self {
            body: Some(body),
            first: None,
        }
    }

    /// Without a first frame the body is over, and is not polled again.
    pub(super) fn begun(first: Option<Frame<Bytes>>, body: B) -> Self {
        let mut body = Some(body);
        if first.is_none() {
            contain_panic(|| drop(body.take()));
        }
        Self { body, first }
    }
}

impl<B> Body for Rescued<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self
            .body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint);
        let first = self.first.as_ref().and_then(Frame::data_ref);
        let first = first.map_or(0, |data| data.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(first));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(first)) {
            hint.set_upper(upper);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};
    use tokio_test::block_on;

    use super::*;

    #[test]
    fn size_and_end_are_those_of_the_whole() {
        let begun = |first: Option<&'static str>, rest: &'static str| {
            let first = first.map(|first| Frame::data(Bytes::from_static(first.as_bytes())));
            Rescued::begun(first, Full::<Bytes>::from(rest))
        };

        for (body, size) in [
            (begun(Some("ab"), "cde"), 5),
            (begun(Some("ab"), ""), 2),
            (begun(None, "never read"), 0),
            (Rescued::whole(Full::from("abc")), 3),
        ] {
            assert_eq!(body.size_hint().exact(), Some(size));
            assert_eq!(body.is_end_stream(), size == 0);
            let read = block_on(body.collect()).unwrap().to_bytes();
            assert_eq!(read.len() as u64, size);
        }
    }
}
