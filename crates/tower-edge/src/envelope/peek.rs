use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body::Body;
use tower_edge_core::JsonRpcIds;

use super::sealed::Sealed;
use super::{Lent, LentIds};

/// What an envelope keeps of a request's body. [`NoPeek`] keeps nothing and leaves its type alone,
/// [`PeekIds`] lends it; others there are none, since an envelope relies on what they do.
pub trait Peek<B>: Sealed {
    /// The body that the inner service is given.
    type Body;
    /// What the envelope keeps.
    type Ids: PollIds;

    /// Hands the request on; `wanted` says whether its format wants to know the ids.
    fn lend(&self, request: Request<B>, wanted: bool) -> (Request<Self::Body>, Self::Ids);
}

/// Finds the ids of a JSON-RPC request when its answer is written.
pub trait PollIds: Sealed {
    /// The ids; `None` where nobody has looked for them.
    fn poll_ids(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<JsonRpcIds>>;
}

/// Looks at no body.
#[derive(Clone, Copy, Debug)]
pub struct NoPeek;

impl Sealed for NoPeek {}

impl<B> Peek<B> for NoPeek {
    type Body = B;
    type Ids = Self;

    fn lend(&self, request: Request<B>, _: bool) -> (Request<B>, Self) {
        (request, Self)
    }
}

impl PollIds for NoPeek {
    fn poll_ids(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<JsonRpcIds>> {
        Poll::Ready(None)
    }
}

/// Finds the ids of JSON-RPC requests, within bounds.
#[derive(Clone, Copy, Debug)]
pub struct PeekIds {
    max: usize,
    time: Duration,
}

impl PeekIds {
    /// How long the rest of a body is waited for, unless the layer says otherwise.
    pub const TIME: Duration = Duration::from_secs(1);

    pub(super) const fn new(max: usize, time: Duration) -> Self {
        Self { max, time }
    }

    pub(super) const fn with_time(self, time: Duration) -> Self {
        Self { time, ..self }
    }
}

impl Sealed for PeekIds {}

impl<B> Peek<B> for PeekIds
where
    B: Body<Data = Bytes> + Unpin,
{
    type Body = Lent<B>;
    type Ids = LentIds<B>;

    fn lend(&self, request: Request<B>, wanted: bool) -> (Request<Lent<B>>, LentIds<B>) {
        // Whatever it says of its type: an answer in this format needs the id if there is one.
        if !(wanted && request.method() == Method::POST) {
            return (request.map(Lent::whole), LentIds::unknown());
        }
        let (parts, body) = request.into_parts();
        let (body, ids) = Lent::shared(body, self.max, self.time);
        (Request::from_parts(parts, body), ids)
    }
}
