use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};
use tower_edge_core::{BoxError, Problem};

use super::config::Settings;
use super::request::RequestTimeouts;
use crate::error_sources::of_request_body;
use crate::grpc_rejection::body_error;

pin_project! {
    /// A body that fails with a [`Problem`] when it stalls, or takes too long as a whole.
    ///
    /// It is the body of a response behind an [`UpstreamTimeoutLayer`](super::UpstreamTimeoutLayer), and that of a
    /// request behind a [`RequestBodyTimeoutLayer`](super::RequestBodyTimeoutLayer). With feature `tonic` a response of
    /// gRPC fails with a `tonic::Status`, whose source is the problem, so that tonic's clients receive
    /// `DEADLINE_EXCEEDED`.
    ///
    /// The idle limit counts only while somebody waits for a frame, so a client that reads slowly does not reach it.
    /// The total and a deadline count always: a frame that comes after them is not passed on, unless the body is
    /// complete with it.
    #[derive(Debug)]
    pub struct TimeoutBody<B> {
        // None: it has ended.
        #[pin]
        body: Option<B>,
        watch: Watch,
    }
}

/// The limits of a body.
#[derive(Debug, Default)]
struct Watch {
    settings: Option<Arc<Settings>>,
    timeouts: RequestTimeouts,
    wait: Option<Pin<Box<Wait>>>,
}

/// Carries a timeout from the body of a request to the future of its response, whatever the inner service makes of the
/// body, and on whatever task it reads.
pub(super) type TimeoutSignal = oneshot::Sender<Problem>;

impl<B> TimeoutBody<B> {
    pub(super) fn new(
        body: B,
        timeouts: RequestTimeouts,
        settings: Option<Arc<Settings>>,
        signal: Option<TimeoutSignal>,
    ) -> Self {
        let mut limited = Self::unlimited(body);
        limited.watch.settings = settings;
        limited.watch.timeouts = timeouts;
        limited.watch.wait = signal.map(|signal| Box::pin(Wait::new(Some(signal))));
        limited
    }

    pub(super) fn unlimited(body: B) -> Self {
        Self {
            body: Some(body),
            watch: Watch::default(),
        }
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
            watch: Watch::default(),
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
        let watch = this.watch;
        let polled = match watch.timeouts.current_deadline() {
            Some(deadline) => deadline.scope(|| body.as_mut().poll_frame(cx)),
            None => body.as_mut().poll_frame(cx),
        };
        let problem = match polled {
            Poll::Ready(frame) => match watch.check(frame.as_ref(), &body) {
                Some(problem) => problem,
                None => {
                    let own = |error: B::Error| watch.own_error(error.into());
                    return Poll::Ready(frame.map(|result| result.map_err(own)));
                }
            },
            Poll::Pending => ready!(watch.poll_expired(cx)),
        };
        this.body.set(None);
        let error = body_error(problem, watch.timeouts.is_grpc);
        Poll::Ready(Some(Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Watch {
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
        if let Some(wait) = &mut self.wait {
            *wait.as_mut().project().since = None;
        }
        let is_data = matches!(frame, Some(Ok(frame)) if frame.is_data());
        if !self.timeouts.has_end() || !is_data || body.is_end_stream() {
            return None;
        }
        let now = Instant::now();
        self.timeouts.begin(now);
        let end = self.timeouts.end().filter(|end| end.at < now)?;
        let settings = self.settings.as_deref();
        let problem = self.timeouts.expire(settings, end, now)?;
        Some(self.fail(problem))
    }

    /// The body's own error.
    fn own_error(&self, error: BoxError) -> BoxError {
        if self.timeouts.is_upload {
            of_request_body(error)
        } else {
            error
        }
    }

    /// Resolves to why the body is over.
    fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Problem> {
        if !self.timeouts.limits_body() {
            return Poll::Pending;
        }
        let wait = self.wait.get_or_insert_with(|| Box::pin(Wait::new(None)));
        let mut wait = wait.as_mut().project();
        let since = *wait.since.get_or_insert_with(Instant::now);
        self.timeouts.begin(since);
        if wait.timer.is_none() {
            wait.timer.set(Some(tokio::time::sleep(Duration::MAX)));
        }
        let Some(timer) = wait.timer.as_pin_mut() else {
            return Poll::Pending;
        };
        let settings = self.settings.as_deref();
        let expired = self.timeouts.poll_expired(settings, Some(since), timer, cx);
        expired.map(|problem| self.fail(problem))
    }

    #[cold]
    fn fail(&mut self, problem: Problem) -> Problem {
        let wait = self.wait.as_mut();
        if let Some(signal) = wait.and_then(|wait| wait.as_mut().project().signal.take()) {
            // Nobody is left to receive it where the response has begun.
            let _ = signal.send(problem.clone());
        }
        problem
    }
}

pin_project! {
    /// A wait for a frame. Its timer is one for many frames, since it is moved when it fires and not at each frame. In
    /// a box, which a response has from its first wait on: every message would be 140 bytes larger for it, and is moved
    /// some ten times on its way. Those are 350 instructions for nothing where a body does not wait.
    #[derive(Debug)]
    struct Wait {
        // To whom a request's body sends why it failed.
        signal: Option<TimeoutSignal>,
        // When this wait began.
        since: Option<Instant>,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl Wait {
    const fn new(signal: Option<TimeoutSignal>) -> Self {
        Self {
            signal,
            since: None,
            timer: None,
        }
    }
}

#[cfg(test)]
mod tests;
