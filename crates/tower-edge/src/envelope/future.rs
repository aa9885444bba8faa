use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::mem::needs_drop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http::response::Parts;
use pin_project_lite::pin_project;
use tower_edge_core::{BoxError, Format, Problem, ResponseBody, contain_panic};

use super::classify::problem_by;
use super::render::{Inspected, Renderer, hand_on, replace};
use super::service::panicked;
use super::watch::problem_of;
use super::{First, PollIds, PollRescue};

pin_project! {
    /// The future of [`Envelope`](super::Envelope).
    pub struct ResponseFuture<F, Fmt, I, R> {
        #[pin]
        ids: I,
        // Goes with a body that is handed on, if it has to.
        renderer: Option<Renderer<Fmt>>,
        rescue: R,
        #[pin]
        state: State<F>,
    }

    impl<F, Fmt, I, R> PinnedDrop for ResponseFuture<F, Fmt, I, R> {
        // The client is gone: nobody is answered, and nobody is told. What `ids` and `rescue` keep of
        // others, they let go of in the same way.
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let mut state = this.state;
            if needs_drop::<Fmt>() {
                contain_panic(|| drop(this.renderer.take()));
            }
            if state.as_mut().project().holds() {
                contain_panic(|| state.set(State::Done));
            }
        }
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Inner {
            #[pin]
            future: F,
        },
        // Waits for the first frame of a body.
        Held,
        // The answer is given.
        Done,
        // The problem is in the extensions of the parts.
        Problem {
            parts: Option<Parts>,
        },
    }
}

impl<F> StateProj<'_, F> {
    /// Whether there is something of the service in it.
    const fn holds(&self) -> bool {
        match self {
            Self::Inner { .. } => true,
            Self::Problem { parts } => parts.is_some(),
            Self::Held | Self::Done => false,
        }
    }
}

impl<F> State<F> {
    const fn problem(parts: Parts) -> Self {
        Self::Problem { parts: Some(parts) }
    }
}

impl<F, Fmt, I, R> ResponseFuture<F, Fmt, I, R> {
    pub(super) const fn inner(future: F, renderer: Renderer<Fmt>, ids: I, rescue: R) -> Self {
        Self {
            ids,
            renderer: Some(renderer),
            rescue,
            state: State::Inner { future },
        }
    }

    pub(super) fn problem(problem: Problem, renderer: Renderer<Fmt>, ids: I, rescue: R) -> Self {
        Self {
            ids,
            renderer: Some(renderer),
            rescue,
            state: State::problem(parts_of(problem)),
        }
    }
}

impl<F, Fmt, I, R, B, E> Future for ResponseFuture<F, Fmt, I, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    Fmt: Format + 'static,
    I: PollIds,
    R: PollRescue<B>,
    E: Into<BoxError>,
{
    type Output = Result<Response<ResponseBody<R::Body>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        // Absent when the answer is given.
        let Some(renderer) = this.renderer else {
            return Poll::Pending;
        };
        let classify = renderer.settings.classify;
        if let StateProj::Inner { future } = this.state.as_mut().project() {
            let next = match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
                Ok(polled) => match ready!(polled) {
                    Ok(response) => match renderer.inspect(response) {
                        Inspected::HandedOn(response) => {
                            let wanted = |response: &_| renderer.may_wait_for(response);
                            match this.rescue.hold(response, wanted) {
                                Some(response) => {
                                    leave(|| this.state.set(State::Done), renderer);
                                    return Poll::Ready(Ok(hand_on(this.renderer, response)));
                                }
                                None => State::Held,
                            }
                        }
                        Inspected::Problem(parts) => State::problem(parts),
                    },
                    Err(error) => State::problem(parts_of(problem_by(error.into(), classify))),
                },
                Err(payload) => State::problem(parts_of(panicked(payload))),
            };
            leave(|| this.state.set(next), renderer);
        }
        if let StateProj::Held = this.state.as_mut().project() {
            match ready!(this.rescue.poll_first(cx)) {
                First::Frame(response) => return Poll::Ready(Ok(hand_on(this.renderer, response))),
                First::Broken(mut parts, broken) => {
                    replace(&mut parts, problem_of(broken, classify));
                    this.state.set(State::problem(parts));
                }
            }
        }
        let ids = if renderer.wants_json_rpc_ids() {
            ready!(this.ids.poll_ids(cx))
        } else {
            None
        };
        match this.state.project() {
            StateProj::Problem { parts } => match parts.take() {
                Some(parts) => Poll::Ready(Ok(renderer.render(parts, ids.as_ref()))),
                None => Poll::Pending,
            },
            // Left above.
            StateProj::Inner { .. } | StateProj::Held | StateProj::Done => Poll::Pending,
        }
    }
}

impl<F, Fmt, I, R> fmt::Debug for ResponseFuture<F, Fmt, I, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// Drops the inner future, which may panic as it goes; the new state is there all the same. What it has
/// answered was whole before, and stands. The panic is an error of the service that no client is told of.
#[inline]
fn leave<Fmt: Format>(inner: impl FnOnce(), renderer: &Renderer<Fmt>) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(inner)) {
        tell_of(payload, renderer);
    }
}

#[cold]
#[inline(never)]
fn tell_of<Fmt: Format>(payload: Box<dyn Any + Send>, renderer: &Renderer<Fmt>) {
    renderer.tell_unsent(&mut panicked(payload), false);
}

#[cold]
fn parts_of(problem: Problem) -> Parts {
    problem.into_empty_response::<()>().into_parts().0
}

#[cfg(test)]
mod tests;
