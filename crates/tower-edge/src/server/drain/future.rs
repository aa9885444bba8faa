use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::CONNECTION;
use http::{HeaderMap, HeaderValue, Response};
use http_body::Body;
use pin_project_lite::pin_project;

use super::discard::Discard;
use super::slot::{ReadState, Slot};

pin_project! {
    /// The future of [`DrainRequestBody`](super::DrainRequestBody).
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
            // None for a request without a body.
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
                    // A future that has ended may hold the body still.
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

/// What the response waits for.
fn begin<ReqBody: Body, ResBody>(
    slot: &Slot<ReqBody>,
    response: &mut Response<ResBody>,
) -> Option<Discard<ReqBody>> {
    let rest = slot.take();
    // What follows a 101 is another protocol's.
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

/// Sends a response ahead of the rest of the body.
fn settle<ReqBody, ResBody>(
    slot: &Slot<ReqBody>,
    rest: ReadState<ReqBody>,
    response: &mut Response<ResBody>,
) {
    let closes = match rest {
        ReadState::Ended | ReadState::Responded => false,
        ReadState::Failed => true,
        // A success may well go on reading, as an echo does; after an error nobody can be relied on to.
        ReadState::Held => response.status().as_u16() >= 400,
        ReadState::Unread(body) | ReadState::PartlyRead(body) => {
            if let Some(read) = slot.background {
                read(body);
            }
            true
        }
    };
    if closes && slot.background.is_none() && !says_close(response.headers()) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().append(CONNECTION, close);
    }
}

fn says_close(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONNECTION).iter();
    let mut options = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

#[cfg(test)]
mod tests;
