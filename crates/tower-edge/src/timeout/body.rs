use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};
use tower_edge_core::problem::Phase;
use tower_edge_core::{BoxError, Deadline, Problem};

use super::config::Settings;
use super::expiry::{Expiry, Limit, poll_timer};
use super::request::timed_out;
use super::request_body::TimeoutSignal;

pin_project! {
    /// A body that fails with a [`Problem`] when it stalls, or takes too long as a whole.
    ///
    /// It is the body of a response behind an [`UpstreamTimeoutLayer`](super::UpstreamTimeoutLayer), and that of a
    /// request behind a [`RequestBodyTimeoutLayer`](super::RequestBodyTimeoutLayer).
    ///
    /// The limit on silence counts while somebody waits for a frame: a client that reads slowly is no stall. The total
    /// and a deadline count always: what comes after them is not passed on, unless the body is whole with it.
    #[derive(Debug)]
    pub struct TimeoutBody<B> {
        // None: it has ended.
        #[pin]
        body: Option<B>,
        timeouts: BodyTimeouts,
    }
}

/// The limits of a body.
#[derive(Debug)]
pub(super) struct BodyTimeouts {
    pub(super) deadline: Limit,
    pub(super) idle: Limit,
    pub(super) owner: Owner,
    /// When total and deadline begin. `None` before the first wait for the response or its body.
    pub(super) start: Option<Instant>,
    pub(super) timer: Option<Pin<Box<IdleTimer>>>,
    pub(super) total: Limit,
}

/// Whose body it is.
#[derive(Debug)]
pub(super) enum Owner {
    Request(Arc<TimeoutSignal>),
    Response {
        enforced: bool,
        settings: Option<Arc<Settings>>,
    },
}

impl<B> TimeoutBody<B> {
    pub(super) const fn new(body: B, timeouts: BodyTimeouts) -> Self {
        Self {
            body: Some(body),
            timeouts,
        }
    }

    pub(super) const fn unlimited(body: B) -> Self {
        Self::new(body, BodyTimeouts::NONE)
    }

    /// The body without limits. `None` if it has ended.
    #[must_use]
    pub fn into_inner(self) -> Option<B> {
        self.body
    }
}

impl<B> Default for TimeoutBody<B> {
    /// A body that has ended, whatever `B` is.
    fn default() -> Self {
        Self {
            body: None,
            timeouts: BodyTimeouts::NONE,
        }
    }
}

impl<B> Body for TimeoutBody<B>
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
        let Some(mut body) = this.body.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let timeouts = this.timeouts;
        let polled = match timeouts.current_deadline() {
            Some(deadline) => deadline.scope(|| body.as_mut().poll_frame(cx)),
            None => body.as_mut().poll_frame(cx),
        };
        let problem = match polled {
            Poll::Ready(frame) => match timeouts.check(frame.as_ref(), &body) {
                Some(problem) => problem,
                None => return Poll::Ready(frame.map(|result| result.map_err(Into::into))),
            },
            Poll::Pending => ready!(timeouts.poll_expired(cx)),
        };
        this.body.set(None);
        Poll::Ready(Some(Err(problem.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl BodyTimeouts {
    const NONE: Self = Self {
        deadline: Limit::NONE,
        idle: Limit::NONE,
        owner: Owner::Response {
            enforced: true,
            settings: None,
        },
        start: None,
        timer: None,
        total: Limit::NONE,
    };

    /// The deadline of the caller, for the code of the body. Our own total is none: it ends this body and not what the
    /// code calls.
    fn current_deadline(&self) -> Option<Deadline> {
        match self.owner {
            Owner::Response { enforced: true, .. } => {
                let deadline = Expiry::after(self.start?, self.deadline, Phase::Deadline)?;
                Some(Deadline::at(deadline.at.into_std()))
            }
            _ => None,
        }
    }

    /// Why this frame is not passed on: it came after total or deadline. What ends the body is passed on, trailers, an
    /// error, the last of its data: what is whole is not thrown away.
    ///
    /// A body whose frames are always ready never polls a timer, so the clock is read for each of them where there is
    /// such a limit.
    fn check<B: Body>(
        &mut self,
        frame: Option<&Result<Frame<B::Data>, B::Error>>,
        body: &B,
    ) -> Option<Problem> {
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset();
        }
        let has_end = !self.total.is_none() || !self.deadline.is_none();
        let is_within =
            matches!(frame, Some(Ok(frame)) if frame.is_data()) && !body.is_end_stream();
        if !has_end || !is_within {
            return None;
        }
        let now = Instant::now();
        let end = self.end(now).filter(|end| end.at < now)?;
        self.expire(end, now)
    }

    /// Resolves to why the body is over. It is polled again after a limit of a dry run.
    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Problem> {
        while !(self.idle.is_none() && self.total.is_none() && self.deadline.is_none()) {
            let mut timer = self
                .timer
                .take()
                .unwrap_or_else(|| Box::pin(IdleTimer::new()));
            let since = timer.as_mut().since();
            let idle = Expiry::after(since, self.idle, self.owner.phase(Phase::BodyIdle));
            let polled = match Expiry::earliest(idle, self.end(since)) {
                Some(expiry) => timer.as_mut().poll(expiry.at, cx).map(|now| (expiry, now)),
                None => Poll::Pending,
            };
            self.timer = Some(timer);
            let (expiry, now) = ready!(polled);
            if let Some(problem) = self.expire(expiry, now) {
                return Poll::Ready(problem);
            }
        }
        Poll::Pending
    }

    /// The earlier of total and deadline, which begin now if they have not before.
    fn end(&mut self, now: Instant) -> Option<Expiry> {
        let start = *self.start.get_or_insert(now);
        let total = Expiry::after(start, self.total, self.owner.phase(Phase::Total));
        let deadline = Expiry::after(start, self.deadline, Phase::Deadline);
        Expiry::earliest(total, deadline)
    }

    /// Reports that a limit expired, and returns why the body is over. `None` in a dry run: the limit is then removed.
    #[cold]
    fn expire(&mut self, expiry: Expiry, now: Instant) -> Option<Problem> {
        if self.end(now) != Some(expiry) {
            self.idle = Limit::NONE;
        } else if expiry.phase == Phase::Deadline {
            self.deadline = Limit::NONE;
        } else {
            self.total = Limit::NONE;
        }
        match &self.owner {
            Owner::Request(signal) => signal.expire(expiry, now),
            Owner::Response { enforced, settings } => {
                timed_out(settings.as_deref(), expiry, now, *enforced)
            }
        }
    }
}

impl Owner {
    /// The phase of a limit, which has this name for a response.
    const fn phase(&self, phase: Phase) -> Phase {
        match self {
            Self::Request(_) => Phase::RequestBody,
            Self::Response { .. } => phase,
        }
    }
}

pin_project! {
    /// A wait for a frame, and its timer: one for many frames, since it is moved when it fires and not at each frame.
    /// Made at the first wait, in a box: every message would be 140 bytes larger for it, and is moved some ten times
    /// on its way. Those are 350 instructions for nothing where a body does not wait.
    #[derive(Debug)]
    pub(super) struct IdleTimer {
        since: Option<Instant>,
        #[pin]
        sleep: Sleep,
    }
}

impl IdleTimer {
    fn new() -> Self {
        Self {
            since: None,
            sleep: tokio::time::sleep(Duration::MAX),
        }
    }

    /// There is a frame: the next wait begins anew.
    fn reset(self: Pin<&mut Self>) {
        *self.project().since = None;
    }

    /// When this wait began.
    fn since(self: Pin<&mut Self>) -> Instant {
        *self.project().since.get_or_insert_with(Instant::now)
    }

    /// Ready with the time when it is this late.
    fn poll(self: Pin<&mut Self>, at: Instant, cx: &mut Context<'_>) -> Poll<Instant> {
        let mut sleep = self.project().sleep;
        loop {
            // A timer that is set for an earlier wait may fire first.
            if sleep.deadline() > at {
                sleep.as_mut().reset(at);
            }
            let now = ready!(poll_timer(sleep.as_mut(), None, cx));
            if now >= at {
                return Poll::Ready(now);
            }
            sleep.as_mut().reset(at);
        }
    }
}

#[cfg(test)]
mod tests;
