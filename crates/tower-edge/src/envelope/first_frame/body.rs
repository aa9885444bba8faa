use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tower_edge_core::contain_panic;

/// A body behind a [`FirstFrameErrorLayer`](super::FirstFrameErrorLayer), whose first frame is known.
#[derive(Debug)]
pub struct FirstFrameBody<B> {
    /// Absent when it was over already.
    body: Option<B>,
    first: Option<Frame<Bytes>>,
}

impl<B> FirstFrameBody<B> {
    pub(super) const fn whole(body: B) -> Self {
        Self {
            body: Some(body),
            first: None,
        }
    }

    pub(super) const fn empty() -> Self {
        Self {
            body: None,
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

impl<B> Body for FirstFrameBody<B>
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
            FirstFrameBody::begun(first, Full::<Bytes>::from(rest))
        };

        for (body, size) in [
            (begun(Some("ab"), "cde"), 5),
            (begun(Some("ab"), ""), 2),
            (begun(None, "never read"), 0),
            (FirstFrameBody::whole(Full::from("abc")), 3),
        ] {
            assert_eq!(body.size_hint().exact(), Some(size));
            assert_eq!(body.is_end_stream(), size == 0);
            let read = block_on(body.collect()).unwrap().to_bytes();
            assert_eq!(read.len() as u64, size);
        }
    }
}
