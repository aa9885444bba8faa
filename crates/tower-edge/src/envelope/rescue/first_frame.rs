use std::fmt;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use bytes::Bytes;
use http::Response;
use http_body::Body;
use tower_edge_core::BoxError;
use tower_edge_core::Broken;

use super::First;
use super::PollRescue;
use super::Rescue;
use super::Rescued;

/// Waits for the first frame of each body that may break off.
#[derive(Clone, Copy, Debug)]
pub struct FirstFrame;

impl<B> Rescue<B> for FirstFrame
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Body = Rescued<B>;
    type Waiting = Waiting<B>;

    fn waiting(&self) -> Waiting<B> {
        Waiting { held: None }
    }
}

/// The response that is held back.
pub struct Waiting<B> {
    held: Option<Response<B>>,
}

impl<B> PollRescue<B> for Waiting<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Body = Rescued<B>;

    fn hold(
        &mut self,
        response: Response<B>,
        wanted: impl FnOnce(&Response<B>) -> bool,
    ) -> Option<Response<Rescued<B>>> {
        if response.body().is_end_stream() || !wanted(&response) {
            return Some(response.map(Rescued::whole));
        }
        self.held = Some(response);
        None
    }

    fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<First<Rescued<B>>> {
        let Some(response) = &mut self.held else {
            return Poll::Pending;
        };
        let body = Pin::new(response.body_mut());
        let first = match catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx))) {
            Ok(polled) => ready!(polled)
                .transpose()
                .map_err(|error| Broken::Error(error.into())),
            Err(payload) => Err(Broken::Panic(payload)),
        };
        let Some(response) = self.held.take() else {
            return Poll::Pending;
        };
        Poll::Ready(match first {
            Ok(first) => First::Frame(response.map(|body| Rescued::begun(first, body))),
            Err(broken) => First::Broken(response.into_parts().0, broken),
        })
    }
}

impl<B> fmt::Debug for Waiting<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}
