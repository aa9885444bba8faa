use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use http::response::Parts;
use http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_edge_core::{Problem, contain_panic};
use tower_service::Service;

use super::edge::Prepared;
use super::{Finish, Gate, Hold, InnerResponse};
use crate::telemetry::driver::watch_rejection;

pin_project! {
    /// The future of [`EdgeService`](super::EdgeService).
    pub struct ResponseFuture<S, G: Gate, R, F, O> {
        pub(super) prepared: Arc<Prepared<G>>,
        pub(super) state: G::State,
        #[pin]
        pub(super) timer: G::Timer,
        #[pin]
        pub(super) stage: Stage<F, G::Pending, (S, R), O>,
    }

    impl<S, G: Gate, R, F, O> PinnedDrop for ResponseFuture<S, G, R, F, O> {
        // The response was handed on, or the client is gone. What is dropped may panic, which is the gates' to catch.
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if matches!(*this.stage, Stage::Done) {
                return;
            }
            let stage = this.stage;
            let _ = this.prepared.gate.within(this.state, || {
                if let StageOwn::Unfinished { response } = stage.project_replace(Stage::Done) {
                    let (mut head, _body) = *response;
                    // Nobody is left to render it for.
                    if let Some(problem) = head.extensions.get_mut::<Problem>() {
                        problem.mark_rendered();
                    }
                    // Both may panic.
                    contain_panic(|| drop(head));
                }
            });
        }
    }
}

pin_project! {
    #[project = StageProj]
    #[project_replace = StageOwn]
    pub(super) enum Stage<F, P, H, O> {
        /// A gate waits for its decision.
        Deciding {
            #[pin]
            pending: P,
            held: Box<H>,
            unready: Option<Problem>,
        },
        Inner {
            #[pin]
            future: F,
        },
        /// The response is not finished. Few wait like this, so it is in a box, and other futures stay small.
        Unfinished {
            response: Box<(Parts, O)>,
        },
        Rejected {
            head: Parts,
            problem: Problem,
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
        Self::Rejected { head, problem }
    }

    /// The inner service is given up.
    #[cold]
    pub(super) fn failed(problem: Problem) -> Self {
        Self::Rejected {
            head: head_of(problem.status()),
            problem,
        }
    }
}

impl<S, G, A, B> Future for ResponseFuture<S, G, Request<A>, S::Future, InnerResponse<B, S::Error>>
where
    S: Service<Request<A>, Response = Response<B>>,
    G: Finish<B, S::Error, Body: Default>,
    G::Pending: Hold<S, Request<A>>,
{
    type Output = Result<Response<G::Body>, G::Error>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.as_mut().project();
        let gate = &this.prepared.gate;
        let StageProj::Inner { future } = this.stage.as_mut().project() else {
            return self.poll_other(cx);
        };
        // Into a place of its own: a response is large, and copied wherever it is handed on.
        let mut polled = Poll::Pending;
        if let Err(problem) = gate.within(this.state, || polled = future.poll(cx)) {
            return self.give_up(problem, cx);
        }
        let (head, response) = match polled {
            Poll::Ready(Ok(response)) => {
                let (head, body) = response.into_parts();
                (head, InnerResponse::Body(body))
            }
            Poll::Ready(Err(error)) => {
                let head = head_of(StatusCode::INTERNAL_SERVER_ERROR);
                (head, InnerResponse::Error(error))
            }
            Poll::Pending => {
                let problem = ready!(gate.poll_timer(this.state, this.timer.as_mut(), cx));
                return self.give_up(problem, cx);
            }
        };
        if gate.waits_to_finish(this.state) {
            return self.wait(head, response, cx);
        }
        if G::HANDLES_FAILURES {
            leave(gate, this.state, || this.stage.set(Stage::Done));
        }
        Poll::Ready(this.prepared.finish(this.state, head, response))
    }
}

impl<S, G, A, B> ResponseFuture<S, G, Request<A>, S::Future, InnerResponse<B, S::Error>>
where
    S: Service<Request<A>, Response = Response<B>>,
    G: Finish<B, S::Error, Body: Default>,
    G::Pending: Hold<S, Request<A>>,
{
    /// The inner service was too slow, or has panicked. It is dropped now, and not only with the response.
    #[cold]
    fn give_up(
        self: Pin<&mut Self>,
        problem: Problem,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<G::Body>, G::Error>> {
        let head = head_of(problem.status());
        self.wait(head, InnerResponse::Problem(problem), cx)
    }

    /// A gate may wait before it finishes the response.
    #[cold]
    fn wait(
        mut self: Pin<&mut Self>,
        head: Parts,
        response: InnerResponse<B, S::Error>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<G::Body>, G::Error>> {
        let mut this = self.as_mut().project();
        let response = Box::new((head, response));
        leave(&this.prepared.gate, this.state, || {
            this.stage.set(Stage::Unfinished { response });
        });
        self.poll_other(cx)
    }

    /// Polls whatever is not the inner service.
    #[cold]
    #[inline(never)]
    fn poll_other(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<G::Body>, G::Error>> {
        let mut this = self.as_mut().project();
        let gate = &this.prepared.gate;
        if let StageProj::Deciding {
            pending,
            held,
            unready,
        } = this.stage.as_mut().project()
        {
            let (request, timer) = (&mut held.1, this.timer.as_mut());
            let decided = ready!(this.prepared.with_head(request, unready, |gate, head| {
                gate.poll_decision(this.state, pending, timer, head, cx)
            }));
            let stage = this.stage.as_mut();
            let left = gate.within(this.state, || stage.project_replace(Stage::Done));
            let mut stage = Stage::Done;
            match (left, decided) {
                (Ok(StageOwn::Deciding { held, unready, .. }), decided) => {
                    let (mut readied, request) = *held;
                    match decided.map_or_else(Some, |()| unready) {
                        Some(problem) => stage = Stage::rejected(problem, request),
                        None => {
                            let prepared = &this.prepared;
                            prepared.call(this.state, &mut stage, &mut readied, request);
                        }
                    }
                    contain_panic(|| drop(readied));
                }
                (Err(problem), _) => stage = Stage::failed(problem),
                (Ok(_), _) => {}
            }
            this.stage.set(stage);
            // The inner future is there now, or a rejection.
            return self.poll(cx);
        }
        let (mut head, mut inner) = match this.stage.as_mut().project_replace(Stage::Done) {
            StageOwn::Unfinished { response } => *response,
            StageOwn::Rejected { head, problem } => (head, InnerResponse::Problem(problem)),
            // Polled again after it was ready, which no caller does.
            _ => return Poll::Pending,
        };
        while gate.waits_to_finish(this.state) {
            match gate.poll_before_finish(this.state, this.timer.as_mut(), &head, cx) {
                Poll::Ready(Ok(())) => break,
                Poll::Ready(Err(problem)) => {
                    head = head_of(problem.status());
                    inner = InnerResponse::Problem(problem);
                }
                Poll::Pending => {
                    let response = Box::new((head, inner));
                    this.stage.set(Stage::Unfinished { response });
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(this.prepared.finish(this.state, head, inner))
    }
}

impl<G: Gate> Prepared<G> {
    /// Has the gate finish a response.
    #[inline(always)]
    fn finish<B, E>(
        &self,
        state: &mut G::State,
        mut head: Parts,
        inner: InnerResponse<B, E>,
    ) -> Result<Response<G::Body>, G::Error>
    where
        G: Finish<B, E, Body: Default>,
    {
        match self.gate.finish(state, &mut head, inner) {
            InnerResponse::Body(body) => Ok(Response::from_parts(head, body)),
            InnerResponse::Problem(problem) => Ok(rejection::<_, G::Error>(problem, head)),
            InnerResponse::Error(error) => Err(error),
        }
    }
}

/// Drops the inner future inside of the gate.
#[inline(always)]
fn leave<G: Gate>(gate: &G, state: &mut G::State, drop: impl FnOnce()) {
    if let Err(problem) = gate.within(state, drop) {
        let _ = gate.report_late_panic(state, problem);
    }
}

/// The head of a new response.
pub(super) fn head_of(status: StatusCode) -> Parts {
    let (mut head, ()) = Response::new(()).into_parts();
    head.status = status;
    head
}

/// A rejection that no envelope has written. One further out may.
#[cold]
fn rejection<B: Default, E>(mut problem: Problem, mut head: Parts) -> Response<B> {
    watch_rejection::<E>(&mut problem, head.status);
    problem.extend_headers(&mut head.headers);
    head.extensions.insert(problem);
    Response::from_parts(head, B::default())
}

impl<S, G: Gate, R, F, O> fmt::Debug for ResponseFuture<S, G, R, F, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
