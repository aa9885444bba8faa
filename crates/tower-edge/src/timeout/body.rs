use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_edge_core::problem::Phase;
use tower_edge_core::{BoxError, Deadline, Problem};

use super::config::{Settings, timed_out};
use super::{Due, Limit, Wait, expired};

pin_project! {
    /// A body that fails with a [`Problem`] when it stalls, or takes too long as a whole.
    ///
    /// The limit on silence counts while the client waits for a frame: a client that reads slowly is no
    /// stall. The total and a deadline count always: what comes after them is not sent, unless the body is
    /// whole with it.
    #[derive(Debug)]
    pub struct TimeoutBody<B> {
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProj]
    enum State<B> {
        Limited {
            #[pin]
            body: B,
            watch: Watch,
        },
        Ended,
    }
}

/// The limits of a body.
#[derive(Debug)]
struct Watch {
    end: Option<Due>,
    idle: Limit,
    settings: Option<Arc<Settings>>,
    wait: Option<Pin<Box<Wait>>>,
}

impl<B> TimeoutBody<B> {
    pub(super) const fn unlimited(body: B) -> Self {
        Self::new(body, Limit::NONE, None, None)
    }

    pub(super) const fn new(
        body: B,
        idle: Limit,
        end: Option<Due>,
        settings: Option<Arc<Settings>>,
    ) -> Self {
        Self {
            state: State::Limited {
                body,
                watch: Watch {
                    end,
                    idle,
                    settings,
                    wait: None,
                },
            },
        }
    }
}

impl<B> Default for TimeoutBody<B> {
    /// A body that is over, whatever `B` is.
    fn default() -> Self {
        Self {
            state: State::Ended,
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
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let problem = match self.as_mut().project().state.project() {
            StateProj::Ended => return Poll::Ready(None),
            StateProj::Limited { mut body, watch } => {
                let polled = match watch.deadline() {
                    Some(deadline) => deadline.scope(|| body.as_mut().poll_frame(cx)),
                    None => body.as_mut().poll_frame(cx),
                };
                match polled {
                    Poll::Ready(frame) => {
                        if let Some(wait) = &mut watch.wait {
                            wait.as_mut().ends();
                        }
                        match watch.cuts(frame.as_ref(), &body) {
                            Some(problem) => problem,
                            None => {
                                return Poll::Ready(frame.map(|result| result.map_err(Into::into)));
                            }
                        }
                    }
                    Poll::Pending => ready!(watch.poll(cx)),
                }
            }
        };
        self.project().state.set(State::Ended);
        Poll::Ready(Some(Err(problem.into())))
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Limited { body, .. } => body.is_end_stream(),
            State::Ended => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Limited { body, .. } => body.size_hint(),
            State::Ended => SizeHint::with_exact(0),
        }
    }
}

impl Watch {
    /// What the code of the body may go by; only where deadlines matter.
    fn deadline(&self) -> Option<Deadline> {
        let settings = self.settings.as_ref()?;
        settings.deadline_fields.as_ref()?;
        Some(Deadline::at(self.end?.at.into_std()))
    }

    /// Why this frame is not sent: it came after the end.
    fn cuts<B: Body>(
        &mut self,
        frame: Option<&Result<Frame<B::Data>, B::Error>>,
        body: &B,
    ) -> Option<Problem> {
        let (due, now) = expired(self.end, frame, body)?;
        // Observed, it is over once.
        self.end = None;
        timed_out(self.settings.as_deref(), due, now)
    }

    /// Resolves to why the body is over.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Problem> {
        while !self.idle.is_none() || self.end.is_some() {
            let wait = self.wait.get_or_insert_with(|| Box::pin(Wait::new()));
            let wait = wait.as_mut();
            let (due, now) = ready!(wait.poll(self.idle, Phase::BodyIdle, self.end, cx));
            if let Some(problem) = timed_out(self.settings.as_deref(), due, now) {
                return Poll::Ready(problem);
            }
            // Observed; the other limit goes on.
            match due.phase {
                Phase::BodyIdle => self.idle = Limit::NONE,
                _ => self.end = None,
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests;
