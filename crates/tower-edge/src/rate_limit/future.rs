use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_edge_core::rate_limit::{Decision, Store};
use tower_edge_core::{Problem, contain_panic};
use tower_service::Service;

use super::Limits;
use super::admission::{Admission, Panic};
use super::asked::Asked;
use super::outcome::{Notice, Verdict};
use super::setup::Setup;

pin_project! {
    /// The future of [`RateLimit`](super::RateLimit).
    pub struct ResponseFuture<S, St, ReqBody, F, C, O> {
        #[pin]
        state: State<S, St, ReqBody, F, C, O>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, St, ReqBody, F, C, O> {
        Checking {
            #[pin]
            check: C,
            // In a box, since the round trip of a store that answers later dwarfs it, while in here
            // it would make every future larger.
            waiting: Option<Box<Waiting<S, St, ReqBody>>>,
        },
        Admitted {
            #[pin]
            future: F,
            admission: Option<Admission<St>>,
        },
        Panicked {
            panicked: Option<Box<Panicked<St>>>,
        },
        Settling {
            #[pin]
            check: C,
            settling: Option<Box<Settling<St, O>>>,
        },
        Refused {
            problem: Option<Problem>,
            notice: Notice,
        },
    }
}

/// The inner service panicked as it was called, where that changes what is charged.
struct Panicked<St> {
    admission: Admission<St>,
    panic: Panic,
}

/// An answer, or a panic, that waits until what it is not charged for is given back.
struct Settling<St, O> {
    admission: Admission<St>,
    given_back: Asked,
    output: Result<O, Panic>,
}

/// A request that waits for the decision.
pub(super) struct Waiting<S, St, ReqBody> {
    pub(super) setup: Arc<Setup<St>>,
    pub(super) asked: Asked,
    pub(super) limits: Limits,
    pub(super) readied: S,
    pub(super) request: Request<ReqBody>,
}

impl<S, St, ReqBody, F, C, O> ResponseFuture<S, St, ReqBody, F, C, O> {
    pub(super) const fn admitted(future: F, admission: Admission<St>) -> Self {
        Self {
            state: State::admitted(future, admission),
        }
    }

    /// The same where a panic changes what is charged.
    pub(super) fn settled(call: impl FnOnce() -> F, admission: Admission<St>) -> Self {
        Self {
            state: State::called(call, admission),
        }
    }

    pub(super) fn checking(check: C, waiting: Waiting<S, St, ReqBody>) -> Self {
        Self {
            state: State::Checking {
                check,
                waiting: Some(Box::new(waiting)),
            },
        }
    }

    pub(super) const fn refused(problem: Problem, notice: Notice) -> Self {
        Self {
            state: State::Refused {
                problem: Some(problem),
                notice,
            },
        }
    }

    pub(super) const fn unlimited(future: F) -> Self {
        Self {
            state: State::Admitted {
                future,
                admission: None,
            },
        }
    }
}

type Output<ResBody, E> = Result<Response<ResBody>, E>;

impl<S, St, ReqBody, ResBody> Future
    for ResponseFuture<S, St, ReqBody, S::Future, St::Future, Output<ResBody, S::Error>>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    St: Store,
    ResBody: Default,
{
    type Output = Output<ResBody, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Checking { check, waiting } => {
                    let decision = ready!(check.poll(cx));
                    // The state is left as soon as this is taken.
                    let Some(waiting) = waiting.take() else {
                        return Poll::Pending;
                    };
                    waiting.go_on(decision)
                }
                StateProj::Admitted { future, admission } => {
                    let is_settled = |known: &Admission<St>| known.is_settled_by_answer();
                    if !admission.as_ref().is_some_and(is_settled) {
                        let mut output = ready!(future.poll(cx));
                        if let Some(known) = admission {
                            known.tell(&mut output);
                        }
                        return Poll::Ready(output);
                    }
                    let output = ready!(poll_caught(future, cx));
                    // The state is left as soon as this is taken.
                    let Some(known) = admission.take() else {
                        return Poll::Pending;
                    };
                    let has_panicked = output.is_err();
                    match State::settled(known, output) {
                        Ok(output) => return Poll::Ready(output),
                        // What has panicked may panic again as it is dropped; the new state is there all
                        // the same.
                        Err(next) if has_panicked => {
                            contain_panic(|| state.as_mut().set(next));
                            continue;
                        }
                        Err(next) => next,
                    }
                }
                StateProj::Panicked { panicked } => {
                    // The state is left, or the panic goes on, as soon as this is taken.
                    let Some(panicked) = panicked.take() else {
                        return Poll::Pending;
                    };
                    let Panicked { admission, panic } = *panicked;
                    match State::settled(admission, Err(panic)) {
                        Ok(output) => return Poll::Ready(output),
                        Err(next) => next,
                    }
                }
                StateProj::Settling { check, settling } => {
                    let decision = ready!(check.poll(cx));
                    // The state is not polled again once this is taken.
                    let Some(settling) = settling.take() else {
                        return Poll::Pending;
                    };
                    let Settling {
                        admission,
                        given_back,
                        output,
                    } = *settling;
                    admission.follow(&given_back, decision);
                    return Poll::Ready(admission.hand_on(output));
                }
                StateProj::Refused { problem, notice } => {
                    let Some(problem) = problem.take() else {
                        return Poll::Pending;
                    };
                    let mut response = problem.into_empty_response();
                    notice.write(response.status(), response.headers_mut());
                    return Poll::Ready(Ok(response));
                }
            };
            state.set(next);
        }
    }
}

/// Polls a future that may panic.
#[inline(never)]
fn poll_caught<F: Future>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, Panic>> {
    match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(Panic::new(panic))),
    }
}

impl<S, St, ReqBody, F, C, O> State<S, St, ReqBody, F, C, O> {
    const fn admitted(future: F, admission: Admission<St>) -> Self {
        Self::Admitted {
            future,
            admission: Some(admission),
        }
    }

    /// Calls the inner service; if it panics, that waits until this is polled.
    #[inline(never)]
    fn called(call: impl FnOnce() -> F, admission: Admission<St>) -> Self {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(future) => Self::admitted(future, admission),
            Err(panic) => Self::Panicked {
                panicked: Some(Box::new(Panicked {
                    admission,
                    panic: Panic::new(panic),
                })),
            },
        }
    }
}

impl<S, St: Store, ReqBody, F, B, E> State<S, St, ReqBody, F, St::Future, Output<B, E>> {
    /// The answer once it is settled, or the state in which it waits for that.
    fn settled(
        admission: Admission<St>,
        output: Result<Output<B, E>, Panic>,
    ) -> Result<Output<B, E>, Self> {
        let Some((check, given_back)) = admission.settle(&output) else {
            return Ok(admission.hand_on(output));
        };
        let settling = Settling {
            admission,
            given_back,
            output,
        };
        Err(Self::Settling {
            check,
            settling: Some(Box::new(settling)),
        })
    }
}

impl<S, St, ReqBody> Waiting<S, St, ReqBody>
where
    S: Service<Request<ReqBody>>,
    St: Store,
{
    fn go_on<C, O>(
        mut self,
        decision: Result<Decision, St::Error>,
    ) -> State<S, St, ReqBody, S::Future, C, O> {
        match Verdict::of(decision, self.asked, self.limits) {
            Verdict::Admitted(outcome) => {
                let Setup {
                    allowance, store, ..
                } = &*self.setup;
                let extensions = self.request.extensions_mut();
                let admission = Admission::new(outcome, store, *allowance, extensions);
                if admission.is_settled_by_answer() {
                    State::called(|| self.readied.call(self.request), admission)
                } else {
                    State::admitted(self.readied.call(self.request), admission)
                }
            }
            Verdict::Refused(problem, notice) => State::Refused {
                problem: Some(problem),
                notice,
            },
        }
    }
}

impl<S, St, ReqBody, F, C, O> fmt::Debug for ResponseFuture<S, St, ReqBody, F, C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Checking { .. } => "Checking",
            State::Admitted { .. } => "Admitted",
            State::Panicked { .. } => "Panicked",
            State::Settling { .. } => "Settling",
            State::Refused { .. } => "Refused",
        };
        f.debug_tuple("ResponseFuture")
            .field(&format_args!("{state}"))
            .finish()
    }
}
