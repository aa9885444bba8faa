use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower_edge_core::problem::{Facts, Phase, TimeoutFacts};
use tower_edge_core::{BoxError, Kind, Problem};

use super::super::{Due, Limit, Tell, Wait, expired};

pin_project! {
    /// The body of a request, which fails with a [`Problem`] when the client takes too long.
    #[derive(Debug)]
    pub struct TimedBody<B> {
        #[pin]
        body: B,
        end: Option<Due>,
        idle: Limit,
        is_over: bool,
        // None for a body that is at its end already.
        late: Option<Arc<Late>>,
        wait: Option<Pin<Box<Wait>>>,
    }
}

impl<B> TimedBody<B> {
    pub(super) fn new(body: B, settings: &Settings, late: Option<Arc<Late>>) -> Self {
        let total = (!settings.total.is_none()).then_some(settings.total);
        let total = total.filter(|_| late.is_some());
        Self {
            body,
            end: total.and_then(|total| Due::after(Instant::now(), total, Phase::RequestBody)),
            idle: settings.idle,
            is_over: false,
            late,
            wait: None,
        }
    }

    /// The body itself, without limits.
    #[must_use]
    pub fn into_inner(self) -> B {
        self.body
    }
}

impl<B> Body for TimedBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let mut this = self.project();
        if *this.is_over {
            return Poll::Ready(None);
        }
        let polled = this.body.as_mut().poll_frame(cx);
        let Some(late) = this.late else {
            return polled.map(|frame| frame.map(|result| result.map_err(Into::into)));
        };
        if let Poll::Ready(frame) = polled {
            if let Some(wait) = this.wait {
                wait.as_mut().ends();
            }
            if let Some((due, now)) = expired(*this.end, frame.as_ref(), &this.body) {
                // Observed, it is over once.
                *this.end = None;
                if let Some(facts) = late.over(due, now) {
                    *this.is_over = true;
                    return Poll::Ready(Some(Err(too_late(facts).into())));
                }
            }
            return Poll::Ready(frame.map(|result| result.map_err(Into::into)));
        }
        while !this.idle.is_none() || this.end.is_some() {
            let wait = this.wait.get_or_insert_with(|| Box::pin(Wait::new()));
            let wait = wait.as_mut();
            let (due, now) = ready!(wait.poll(*this.idle, Phase::RequestBody, *this.end, cx));
            if let Some(facts) = late.over(due, now) {
                *this.is_over = true;
                return Poll::Ready(Some(Err(too_late(facts).into())));
            }
            // Observed; the other limit goes on.
            if this.end.is_some_and(|end| end.at == due.at) {
                *this.end = None;
            } else {
                *this.idle = Limit::NONE;
            }
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_over {
            SizeHint::with_exact(0)
        } else {
            self.body.size_hint()
        }
    }
}

#[cold]
pub(super) fn too_late(facts: TimeoutFacts) -> Problem {
    Problem::new(Kind::RequestTimeout).with_facts(Facts::Timeout(facts))
}

/// What the body of a request tells the future of its response, whatever the inner service makes of it
/// and on whatever task it reads.
#[derive(Debug)]
pub(super) struct Late {
    state: Mutex<State>,
    tell: Tell,
}

#[derive(Debug, Default)]
struct State {
    facts: Option<TimeoutFacts>,
    waker: Option<Waker>,
}

impl Late {
    pub(super) fn new(tell: Tell) -> Self {
        Self {
            state: Mutex::default(),
            tell,
        }
    }

    pub(super) fn facts(&self) -> Option<TimeoutFacts> {
        self.with(|state| state.facts)
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<TimeoutFacts> {
        self.with(|state| match state.facts {
            Some(facts) => Poll::Ready(facts),
            None => {
                match &mut state.waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    None => state.waker = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        })
    }

    /// Tells everybody that a limit is over; gives the facts if the body is cut for it.
    pub(super) fn over(&self, due: Due, now: Instant) -> Option<TimeoutFacts> {
        let facts = self.tell.told(due, now)?;
        let waker = self.with(|state| {
            state.facts = Some(facts);
            state.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
        Some(facts)
    }

    fn with<R>(&self, run: impl FnOnce(&mut State) -> R) -> R {
        run(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a layer was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) idle: Limit,
    pub(super) tell: Tell,
    pub(super) total: Limit,
}

impl Settings {
    pub(super) const fn new(idle: Duration) -> Self {
        Self {
            idle: Limit::new(idle),
            tell: Tell::NOBODY,
            total: Limit::NONE,
        }
    }
}
