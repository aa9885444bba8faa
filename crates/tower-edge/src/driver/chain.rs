use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::response::Parts;
use pin_project_lite::pin_project;
use tower_edge_core::Problem;
use tower_edge_core::http_ext::FieldNames;
use tower_edge_core::rate_limit::Never;

use super::future::head_of;
use super::{Decision, Finish, Gate, InnerResponse, RequestHead, Sealed};

/// A gate, and the gates inside of it, which end with `()`.
#[derive(Clone, Debug)]
pub struct Chain<A, Z> {
    pub(super) outer: A,
    pub(super) inner: Z,
}

/// Adds a gate at the inner end, so that each gate is entered once: `Chain<Chain<A, B>, C>` would enter `A` for `B`,
/// and once more for `C`.
pub trait Append<G>: Gate {
    /// The gates with the new one.
    type Output: Gate + Clone;

    /// Adds the gate.
    fn append(self, gate: G) -> Self::Output;
}

impl<G: Gate + Clone> Append<G> for () {
    type Output = Chain<G, ()>;

    fn append(self, gate: G) -> Chain<G, ()> {
        Chain {
            outer: gate,
            inner: (),
        }
    }
}

impl<A: Gate + Clone, Z: Append<G>, G> Append<G> for Chain<A, Z> {
    type Output = Chain<A, Z::Output>;

    fn append(self, gate: G) -> Self::Output {
        Chain {
            outer: self.outer,
            inner: self.inner.append(gate),
        }
    }
}

/// The state of the gates for one request.
#[derive(Debug, Default)]
pub struct ChainState<A, Z> {
    outer: A,
    inner: Z,
    /// Whether the request is, or was, further in. A rejection there finishes no response here.
    is_inside: bool,
}

pin_project! {
    /// The timers of the gates.
    #[derive(Debug, Default)]
    pub struct ChainTimer<A, Z> {
        #[pin]
        outer: A,
        #[pin]
        inner: Z,
    }
}

pin_project! {
    /// The pending decision of the outer gate, or of the gates further in.
    #[derive(Debug)]
    #[expect(missing_docs, reason = "the macro takes no docs on fields")]
    #[project = EitherProj]
    pub enum Either<A, Z> {
        Outer {
            #[pin]
            it: A,
        },
        Inner {
            #[pin]
            it: Z,
        },
    }
}

impl<A: Gate, Z: Gate> Chain<A, Z> {
    /// The outer gate has admitted the request. The inner gates decide within the outer one.
    #[inline(always)]
    fn enter(
        &self,
        state: &mut ChainState<A::State, Z::State>,
        request: &mut RequestHead<'_>,
    ) -> Decision<Z::Pending> {
        if A::HANDLES_FAILURES
            && !Z::HANDLES_FAILURES
            && let Some(problem) = request.unready.take()
        {
            return Decision::Reject(problem);
        }
        state.is_inside = true;
        self.run_inner(state, |inner, state| inner.decide(state, request))
            .unwrap_or_else(Decision::Reject)
    }

    /// Waits for the inner gates, and no longer than the outer gate does.
    fn poll_inner(
        &self,
        state: &mut ChainState<A::State, Z::State>,
        timer: Pin<&mut A::Timer>,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&Z, &mut Z::State, &mut Context<'_>) -> Poll<Result<(), Problem>>,
    ) -> Poll<Result<(), Problem>> {
        let polled = self.run_inner(state, |inner, state| poll(inner, state, cx));
        if let Poll::Ready(result) = polled.unwrap_or_else(|problem| Poll::Ready(Err(problem))) {
            return Poll::Ready(result);
        }
        let problem = ready!(self.outer.poll_timer(&mut state.outer, timer, cx));
        state.is_inside = false;
        Poll::Ready(Err(problem))
    }

    /// Runs the inner gates inside of the outer one.
    #[inline(always)]
    fn run_inner<R>(
        &self,
        state: &mut ChainState<A::State, Z::State>,
        run: impl FnOnce(&Z, &mut Z::State) -> R,
    ) -> Result<R, Problem> {
        let ChainState {
            outer,
            inner,
            is_inside,
        } = state;
        let result = self.outer.within(outer, || run(&self.inner, inner));
        *is_inside &= result.is_ok();
        result
    }
}

impl<A: Sealed, Z: Sealed> Sealed for Chain<A, Z> {}

impl<A: Gate, Z: Gate> Gate for Chain<A, Z> {
    type State = ChainState<A::State, Z::State>;
    type Pending = Either<A::Pending, Z::Pending>;
    type Timer = ChainTimer<A::Timer, Z::Timer>;

    const HANDLES_FAILURES: bool = A::HANDLES_FAILURES || Z::HANDLES_FAILURES;

    fn add_field_names(&self, names: &mut FieldNames) {
        self.outer.add_field_names(names);
        self.inner.add_field_names(names);
    }

    #[inline(always)]
    fn decide(
        &self,
        state: &mut Self::State,
        request: &mut RequestHead<'_>,
    ) -> Decision<Self::Pending> {
        match self.outer.decide(&mut state.outer, request) {
            Decision::Admit => match self.enter(state, request) {
                Decision::Admit => Decision::Admit,
                Decision::Reject(problem) => Decision::Reject(problem),
                Decision::Later(it) => Decision::Later(Either::Inner { it }),
            },
            Decision::Reject(problem) => Decision::Reject(problem),
            Decision::Later(it) => Decision::Later(Either::Outer { it }),
        }
    }

    fn poll_decision(
        &self,
        state: &mut Self::State,
        mut pending: Pin<&mut Self::Pending>,
        timer: Pin<&mut Self::Timer>,
        request: &mut RequestHead<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        let mut timer = timer.project();
        if let EitherProj::Outer { it } = pending.as_mut().project() {
            let (outer, timer) = (&mut state.outer, timer.outer.as_mut());
            ready!(self.outer.poll_decision(outer, it, timer, request, cx))?;
            match self.enter(state, request) {
                Decision::Admit => return Poll::Ready(Ok(())),
                Decision::Reject(problem) => return Poll::Ready(Err(problem)),
                Decision::Later(it) => pending.set(Either::Inner { it }),
            }
        }
        match pending.project() {
            EitherProj::Inner { it } => {
                self.poll_inner(state, timer.outer, cx, |inner, state, cx| {
                    inner.poll_decision(state, it, timer.inner, request, cx)
                })
            }
            // This state was left above.
            EitherProj::Outer { .. } => Poll::Pending,
        }
    }

    #[inline(always)]
    fn within<R>(&self, state: &mut Self::State, run: impl FnOnce() -> R) -> Result<R, Problem> {
        self.run_inner(state, |inner, state| inner.within(state, run))
            .unwrap_or_else(Err)
    }

    #[inline(always)]
    fn within_ready<R>(&self, run: impl FnOnce() -> R) -> Result<R, Problem> {
        let result = self.outer.within_ready(|| self.inner.within_ready(run));
        result.unwrap_or_else(Err)
    }

    #[inline(always)]
    fn poll_timer(
        &self,
        state: &mut Self::State,
        timer: Pin<&mut Self::Timer>,
        cx: &mut Context<'_>,
    ) -> Poll<Problem> {
        let timer = timer.project();
        let poll = |inner: &Z, state: &mut _| inner.poll_timer(state, timer.inner, cx);
        if let Poll::Ready(problem) = self.run_inner(state, poll).unwrap_or_else(Poll::Ready) {
            return Poll::Ready(problem);
        }
        let problem = ready!(self.outer.poll_timer(&mut state.outer, timer.outer, cx));
        state.is_inside = false;
        Poll::Ready(problem)
    }

    #[inline(always)]
    fn waits_to_finish(&self, state: &Self::State) -> bool {
        self.outer.waits_to_finish(&state.outer)
            || state.is_inside && self.inner.waits_to_finish(&state.inner)
    }

    fn poll_before_finish(
        &self,
        state: &mut Self::State,
        timer: Pin<&mut Self::Timer>,
        head: &Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        let mut timer = timer.project();
        if state.is_inside {
            let outer = timer.outer.as_mut();
            ready!(self.poll_inner(state, outer, cx, |inner, state, cx| {
                inner.poll_before_finish(state, timer.inner, head, cx)
            }))?;
        }
        let outer = &mut state.outer;
        self.outer.poll_before_finish(outer, timer.outer, head, cx)
    }

    fn report_late_panic(&self, state: &mut Self::State, problem: Problem) -> Option<Problem> {
        let report = |inner: &Z, state: &mut _| inner.report_late_panic(state, problem);
        let problem = self.run_inner(state, report).ok()??;
        self.outer.report_late_panic(&mut state.outer, problem)
    }
}

#[diagnostic::do_not_recommend]
impl<A, Z, B, E> Finish<B, E> for Chain<A, Z>
where
    Z: Finish<B, E>,
    A: Finish<Z::Body, Z::Error>,
{
    type Body = A::Body;
    type Error = A::Error;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut Self::State,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<A::Body, A::Error> {
        let inner = match inner {
            InnerResponse::Problem(problem) if !state.is_inside => InnerResponse::Problem(problem),
            inner => {
                let finish = |gates: &Z, state: &mut _| gates.finish(state, head, inner);
                match self.run_inner(state, finish) {
                    Ok(inner) => inner,
                    Err(problem) => {
                        *head = head_of(problem.status());
                        InnerResponse::Problem(problem)
                    }
                }
            }
        };
        self.outer.finish(&mut state.outer, head, inner)
    }

    fn unready(&self, error: E) -> Result<Problem, A::Error> {
        let error = self.inner.unready(error);
        error.or_else(|error| self.outer.unready(error))
    }
}

/// The inner end: it admits everything and changes nothing.
impl Sealed for () {}

impl Gate for () {
    type State = ();
    type Pending = Never<()>;
    type Timer = ();

    #[inline(always)]
    fn decide(&self, (): &mut (), _: &mut RequestHead<'_>) -> Decision<Never<()>> {
        Decision::Admit
    }
}

impl<B, E> Finish<B, E> for () {
    type Body = B;
    type Error = E;

    #[inline(always)]
    fn finish(
        &self,
        (): &mut (),
        _: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<B, E> {
        inner
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
    }
}
