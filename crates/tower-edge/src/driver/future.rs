use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use http::header::RETRY_AFTER;
use http::response::Parts;
use http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_edge_core::http_ext::{header_int, retry_after_seconds};
use tower_edge_core::{CorrelationId, Problem, contain_panic};
use tower_service::Service;

use super::edge::Prepared;
use super::{Finish, Gate, Held, Hold, InnerResponse};

pin_project! {
    /// The future of [`EdgeService`](super::EdgeService).
    pub struct EdgeFuture<S, G, R, F, O>
    where
        G: Gate,
        G::Pending: Hold<S, R>,
    {
        pub(super) id: Option<CorrelationId>,
        pub(super) prepared: Arc<Prepared<G>>,
        pub(super) state: G::State,
        #[pin]
        pub(super) timer: G::Timer,
        #[pin]
        pub(super) stage: Stage<F, G::Pending, <G::Pending as Hold<S, R>>::Held, O>,
    }

    impl<S, G, R, F, O> PinnedDrop for EdgeFuture<S, G, R, F, O>
    where
        G: Gate,
        G::Pending: Hold<S, R>,
    {
        // The client is gone. What is dropped may panic, which is the gates' to catch.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if !matches!(*this.stage, Stage::Done) {
                let _ = this.prepared.gate.within(this.state, || {
                    // The head may panic beside the body.
                    if let StageProj::Settling { head, .. } = this.stage.as_mut().project() {
                        contain_panic(|| drop(head.take()));
                    }
                    this.stage.set(Stage::Done);
                });
            }
        }
    }
}

pin_project! {
    #[project = StageProj]
    pub(super) enum Stage<F, P, H, O> {
        /// A gate waits for its decision.
        Deciding {
            #[pin]
            pending: P,
            held: Option<H>,
        },
        Inner {
            #[pin]
            future: F,
        },
        /// A gate waits before it finishes the response. Few do, so both are in boxes, and other futures stay small.
        Settling {
            head: Option<Box<Parts>>,
            inner: Option<Box<O>>,
        },
        Rejected {
            rejection: Option<(Parts, Problem)>,
        },
        Done,
    }
}

impl<F, P, H, O> Stage<F, P, H, O> {
    /// A rejection in the memory of the request's own maps.
    #[cold]
    pub(super) fn rejected<A>(problem: Problem, mut request: Request<A>) -> Self {
        let mut head = head_of(problem.status());
        head.headers = mem::take(request.headers_mut());
        head.headers.clear();
        head.extensions = mem::take(request.extensions_mut());
        contain_panic(|| {
            head.extensions.clear();
            drop(request);
        });
        Self::Rejected {
            rejection: Some((head, problem)),
        }
    }

    /// The inner service is given up.
    #[cold]
    pub(super) fn failed(problem: Problem) -> Self {
        Self::Rejected {
            rejection: Some((head_of(problem.status()), problem)),
        }
    }
}

impl<S, G, A, B> Future for EdgeFuture<S, G, Request<A>, S::Future, InnerResponse<B, S::Error>>
where
    S: Service<Request<A>, Response = Response<B>>,
    G: Finish<B, S::Error, Body: Default>,
    G::Pending: Hold<S, Request<A>>,
{
    type Output = Result<Response<G::Body>, G::Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Prepared {
            gate,
            response_fields,
            ..
        } = &**this.prepared;
        let (mut head, mut inner) = loop {
            match this.stage.as_mut().project() {
                StageProj::Inner { future } => {
                    let answer = match gate.within(this.state, || future.poll(cx)) {
                        Ok(Poll::Ready(Ok(response))) => {
                            let (head, body) = response.into_parts();
                            (head, InnerResponse::Body(body))
                        }
                        Ok(Poll::Ready(Err(error))) => {
                            let head = head_of(StatusCode::INTERNAL_SERVER_ERROR);
                            (head, InnerResponse::Error(error))
                        }
                        Ok(Poll::Pending) => {
                            let timer = this.timer.as_mut();
                            let problem = ready!(gate.poll_timer(this.state, timer, cx));
                            problem_answer(problem)
                        }
                        Err(problem) => problem_answer(problem),
                    };
                    // What was too slow, or has panicked, is dropped now, and not only with the response.
                    let leave = || this.stage.set(Stage::Done);
                    if let Err(problem) = gate.within(this.state, leave) {
                        gate.unsent(this.state, this.id.as_ref(), problem);
                    }
                    break answer;
                }
                StageProj::Settling { head, inner } => match (head.take(), inner.take()) {
                    (Some(head), Some(inner)) => break (*head, *inner),
                    _ => return Poll::Pending,
                },
                StageProj::Rejected { rejection } => match rejection.take() {
                    Some((head, problem)) => break (head, InnerResponse::Problem(problem)),
                    None => return Poll::Pending,
                },
                StageProj::Deciding { pending, held } => {
                    let Some(holding) = held else {
                        return Poll::Pending;
                    };
                    let decided = ready!(this.prepared.with_head(
                        holding.request(),
                        this.id,
                        &mut None,
                        |gate, head| gate.poll_decision(this.state, pending, head, cx),
                    ));
                    let Some((mut readied, request)) = held.take().map(Held::release) else {
                        return Poll::Pending;
                    };
                    let stage = match decided {
                        Ok(()) => this.prepared.call(this.state, &mut readied, request),
                        Err(problem) => Stage::rejected(problem, request),
                    };
                    this.stage.set(stage);
                }
                // Polled again after it was ready, which no caller does.
                StageProj::Done => return Poll::Pending,
            }
        };
        while gate.settles(this.state) {
            match gate.poll_settled(this.state, &head, cx) {
                Poll::Ready(Ok(())) => break,
                Poll::Ready(Err(problem)) => (head, inner) = problem_answer(problem),
                Poll::Pending => {
                    this.stage.set(Stage::Settling {
                        head: Some(Box::new(head)),
                        inner: Some(Box::new(inner)),
                    });
                    return Poll::Pending;
                }
            }
        }
        this.stage.set(Stage::Done);
        head.headers.reserve(*response_fields);
        Poll::Ready(
            match gate.finish(this.state, this.id.as_ref(), &mut head, inner) {
                InnerResponse::Body(body) => Ok(Response::from_parts(head, body)),
                InnerResponse::Problem(problem) => Ok(rejection(problem, head)),
                InnerResponse::Error(error) => Err(error),
            },
        )
    }
}

#[cold]
fn problem_answer<B, E>(problem: Problem) -> (Parts, InnerResponse<B, E>) {
    (head_of(problem.status()), InnerResponse::Problem(problem))
}

/// The head of a new response.
pub(super) fn head_of(status: StatusCode) -> Parts {
    let (mut head, ()) = Response::new(()).into_parts();
    head.status = status;
    head
}

/// A rejection that no envelope has written. One further out may.
#[cold]
fn rejection<B: Default>(problem: Problem, mut head: Parts) -> Response<B> {
    if let Some(wait) = problem.retry_after() {
        let seconds = header_int(retry_after_seconds(wait));
        head.headers.insert(RETRY_AFTER, seconds);
    }
    head.extensions.insert(problem);
    Response::from_parts(head, B::default())
}

impl<S, G, R, F, O> fmt::Debug for EdgeFuture<S, G, R, F, O>
where
    G: Gate,
    G::Pending: Hold<S, R>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EdgeFuture").finish_non_exhaustive()
    }
}
