use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use http::Request;
use http::Response;
use pin_project_lite::pin_project;
use tower_edge_core::Problem;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Store;
use tower_service::Service;

use super::Limits;
use super::admission::Admission;
use super::asked::Asked;
use super::layer::Setup;
use super::notice::Notice;
use super::outcome::Verdict;

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

/// An answer that waits until what it is not charged for is given back.
struct Settling<St, O> {
    admission: Admission<St>,
    given_back: Asked,
    output: O,
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
            state: State::Admitted {
                future,
                admission: Some(admission),
            },
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
                    let mut output = ready!(future.poll(cx));
                    let Some(known) = admission else {
                        return Poll::Ready(output);
                    };
                    let Some((check, given_back)) = known.settle(&output) else {
                        known.tell(&mut output);
                        return Poll::Ready(output);
                    };
                    let settling = admission.take().map(|admission| {
                        Box::new(Settling {
                            admission,
                            given_back,
                            output,
                        })
                    });
                    State::Settling { check, settling }
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
                        mut output,
                    } = *settling;
                    admission.follow(&given_back, decision);
                    admission.tell(&mut output);
                    return Poll::Ready(output);
                }
                StateProj::Refused { problem, notice } => {
                    let Some(problem) = problem.take() else {
                        return Poll::Pending;
                    };
                    let mut response = problem.into_response();
                    notice.write(response.status(), response.headers_mut());
                    return Poll::Ready(Ok(response));
                }
            };
            state.set(next);
        }
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
                State::Admitted {
                    future: self.readied.call(self.request),
                    admission: Some(admission),
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
            State::Settling { .. } => "Settling",
            State::Refused { .. } => "Refused",
        };
        f.debug_tuple("ResponseFuture")
            .field(&format_args!("{state}"))
            .finish()
    }
}
