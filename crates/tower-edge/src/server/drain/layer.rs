use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::{CONNECTION, EXPECT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Version};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::body::{Bounds, Discard, ReadState, Slot};
use super::{DrainableBody, body};

/// Discards the unread rest of a request's body; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct DrainRequestBodyLayer {
    bounds: Bounds,
}

impl DrainRequestBodyLayer {
    /// A response waits for at most 256 KiB and half a second.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bounds: Bounds::BEFORE_RESPONSE,
        }
    }

    /// Sets how many bytes a response waits for; 256 KiB by default.
    ///
    /// Reading that much should cost less than a new connection. With zero, a response waits for no body.
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.bounds.bytes = max_bytes;
        self
    }

    /// Sets how long a response waits for the rest of the body; half a second by default.
    ///
    /// Keep it short: a client may send the rest only after it has the response, and then waits this long.
    #[must_use]
    pub const fn with_max_time(mut self, max_time: Duration) -> Self {
        self.bounds.time = max_time;
        self
    }
}

impl<S> Layer<S> for DrainRequestBodyLayer {
    type Service = DrainRequestBody<S>;

    fn layer(&self, inner: S) -> DrainRequestBody<S> {
        DrainRequestBody::new(inner, self.bounds)
    }
}

impl Default for DrainRequestBodyLayer {
    fn default() -> Self {
        Self::new()
    }
}

/// Discards the unread rest of a request's body; see the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct DrainRequestBody<S> {
    bounds: Bounds,
    inner: S,
}

impl<S> DrainRequestBody<S> {
    pub(super) const fn new(inner: S, bounds: Bounds) -> Self {
        Self { bounds, inner }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for DrainRequestBody<S>
where
    S: Service<Request<DrainableBody<ReqBody>>, Response = Response<ResBody>>,
    ReqBody: Body + Send + Unpin + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ReqBody, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The bytes after CONNECT are not a body.
        if request.body().is_end_stream() || request.method() == Method::CONNECT {
            let request = request.map(DrainableBody::untracked);
            return ResponseFuture::new(self.inner.call(request), None);
        }
        let is_http1 = request.version() <= Version::HTTP_11;
        let slot = Arc::new(Slot {
            bounds: self.bounds,
            expects: request.headers().contains_key(EXPECT),
            background: (!is_http1).then_some(body::in_background),
            state: Mutex::new(ReadState::Held),
        });
        let tracked = Arc::clone(&slot);
        let request = request.map(|body| DrainableBody::tracked(body, tracked));
        ResponseFuture::new(self.inner.call(request), Some(slot))
    }
}

pin_project! {
    /// The future of [`DrainRequestBody`].
    #[derive(Debug)]
    pub struct ResponseFuture<F, ReqBody, ResBody> {
        #[pin]
        state: State<F, ReqBody, ResBody>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<F, ReqBody, ResBody> {
        Inner {
            #[pin]
            future: F,
            // `None` for a request without a body.
            slot: Option<Arc<Slot<ReqBody>>>,
        },
        Draining {
            #[pin]
            discard: Discard<ReqBody>,
            response: Option<Response<ResBody>>,
            slot: Arc<Slot<ReqBody>>,
        },
        Done,
    }
}

impl<F, ReqBody, ResBody> ResponseFuture<F, ReqBody, ResBody> {
    pub(super) const fn new(future: F, slot: Option<Arc<Slot<ReqBody>>>) -> Self {
        Self {
            state: State::Inner { future, slot },
        }
    }
}

impl<F, ReqBody, ResBody, E> Future for ResponseFuture<F, ReqBody, ResBody>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ReqBody: Body + Unpin,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProj::Inner { future, slot } => {
                    let result = ready!(future.poll(cx));
                    let Some(slot) = slot.take() else {
                        return Poll::Ready(result);
                    };
                    // A future that has ended may still hold the body.
                    state.set(State::Done);
                    let mut response = result?;
                    match begin(&slot, &mut response) {
                        None => return Poll::Ready(Ok(response)),
                        Some(discard) => state.set(State::Draining {
                            discard,
                            response: Some(response),
                            slot,
                        }),
                    }
                }
                StateProj::Draining {
                    discard,
                    response,
                    slot,
                } => {
                    let rest = ready!(discard.poll(cx));
                    let Some(mut response) = response.take() else {
                        return Poll::Pending;
                    };
                    settle(slot, rest, &mut response);
                    state.set(State::Done);
                    return Poll::Ready(Ok(response));
                }
                StateProj::Done => return Poll::Pending,
            }
        }
    }
}

/// Returns the rest of the body if the response waits for it.
fn begin<ReqBody: Body, ResBody>(
    slot: &Slot<ReqBody>,
    response: &mut Response<ResBody>,
) -> Option<Discard<ReqBody>> {
    let rest = slot.take();
    // The bytes after a 101 belong to another protocol.
    if response.status().is_informational() {
        return None;
    }
    let is_unread = matches!(rest, ReadState::Unread(_));
    match rest {
        ReadState::Unread(body) | ReadState::PartlyRead(body)
            if slot.waits_for(&body, is_unread) =>
        {
            Some(Discard::new(body, slot.bounds))
        }
        rest => {
            settle(slot, rest, response);
            None
        }
    }
}

/// Sends a response before the rest of the body was read.
fn settle<ReqBody, ResBody>(
    slot: &Slot<ReqBody>,
    rest: ReadState<ReqBody>,
    response: &mut Response<ResBody>,
) {
    let closes = match rest {
        ReadState::Ended | ReadState::Responded => false,
        ReadState::Failed => true,
        // After a success the service may read on, as an echo does. After an error it may well not.
        ReadState::Held => response.status().as_u16() >= 400,
        ReadState::Unread(body) | ReadState::PartlyRead(body) => {
            if let Some(read) = slot.background {
                read(body);
            }
            true
        }
    };
    if closes && slot.background.is_none() && !has_close(response.headers()) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().append(CONNECTION, close);
    }
}

fn has_close(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONNECTION).iter();
    let mut options = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

#[cfg(test)]
mod tests;
