//! Bodies that differ in their size hints.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::{Body, Frame, SizeHint};

/// Frames, each with the size hint before it comes, and the last hint.
///
/// It has no default, so that nobody can make one up.
#[derive(Debug)]
pub(crate) struct HintedBody {
    frames: VecDeque<(Hint, Frame<Bytes>)>,
    last: Hint,
}

/// A lower and an upper limit, and whether the body is known to be over.
pub(crate) type Hint = (u64, Option<u64>, bool);

impl HintedBody {
    fn new(frames: impl Into<VecDeque<(Hint, Frame<Bytes>)>>, last: Hint) -> Self {
        let frames = frames.into();
        Self { frames, last }
    }

    /// Bodies that differ in what they say.
    pub(crate) fn all() -> Vec<Self> {
        let data = || Frame::data(Bytes::from_static(b"hello"));
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        vec![
            Self::new([], (0, Some(0), true)),
            Self::new([], (0, None, false)),
            Self::new([((5, Some(5), false), data())], (0, Some(0), true)),
            Self::new([((0, None, false), data())], (0, None, false)),
            Self::new(
                [
                    ((3, Some(99), false), data()),
                    ((1, None, false), data()),
                    ((0, Some(0), false), Frame::trailers(trailers)),
                ],
                (0, Some(0), true),
            ),
        ]
    }

    fn hint(&self) -> Hint {
        self.frames.front().map_or(self.last, |(hint, _)| *hint)
    }
}

impl Body for HintedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.frames.pop_front().map(|(_, frame)| Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.hint().2
    }

    fn size_hint(&self) -> SizeHint {
        let (lower, upper, _) = self.hint();
        let mut hint = SizeHint::new();
        hint.set_lower(lower);
        if let Some(upper) = upper {
            hint.set_upper(upper);
        }
        hint
    }
}

/// What a body says of itself now.
pub(crate) fn hint(body: &impl Body) -> Hint {
    let hint = body.size_hint();
    (hint.lower(), hint.upper(), body.is_end_stream())
}
