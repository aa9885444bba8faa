use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use http::response::Parts;
use http::{Extensions, HeaderMap, Method, Uri, Version};
use tower_edge_core::http_ext::{FieldNames, FoundFields};
use tower_edge_core::{CorrelationId, Head, Problem};

use super::Sealed;

/// What a layer decides about a request, and does to its response.
///
/// For each request the driver calls [`decide`](Self::decide), and [`poll_decision`](Self::poll_decision) if that is
/// later. When all gates have admitted the request, it calls the inner service [within](Self::within) the gate. It
/// polls the inner future within the gate, and [`poll_timer`](Self::poll_timer) while that is pending. When there is a
/// response it polls [`poll_before_finish`](Self::poll_before_finish), if the gate [waits](Self::waits_to_finish), and
/// last calls [`finish`](Finish::finish). What is further in decides and finishes within what is further out.
///
/// Methods that most gates have no use for do nothing by default.
pub trait Gate: Sealed {
    /// What the gate remembers of one request. The default is that of a request that the gate has not decided.
    type State: Default;
    /// A decision that may come [`Later`](super::Later); [`Never`](tower_edge_core::rate_limit::Never) for a gate that
    /// decides at once.
    type Pending;
    /// What runs while the inner service is pending; mostly `()`.
    type Timer: Default;

    /// Whether the gate makes a problem of a panic, and of an inner service that fails to become ready.
    const HANDLES_FAILURES: bool = false;

    /// Adds the names of the request's fields that the gate reads, so that one walk finds those of all gates.
    fn add_field_names(&self, names: &mut FieldNames) {
        let _ = names;
    }

    /// Decides on the head of a request.
    fn decide(
        &self,
        state: &mut Self::State,
        request: &mut RequestHead<'_>,
    ) -> Decision<Self::Pending>;

    /// Resolves a decision that comes later.
    fn poll_decision(
        &self,
        state: &mut Self::State,
        pending: Pin<&mut Self::Pending>,
        timer: Pin<&mut Self::Timer>,
        request: &mut RequestHead<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        let _ = (state, pending, timer, request, cx);
        Poll::Pending
    }

    /// Runs the gates further in, or the inner service: in a span, under a deadline, or with its panics caught.
    ///
    /// # Errors
    ///
    /// If what is further in is given up, such as after a panic.
    #[inline(always)]
    fn within<R>(&self, state: &mut Self::State, run: impl FnOnce() -> R) -> Result<R, Problem> {
        let _ = state;
        Ok(run())
    }

    /// The same while the driver polls the inner service for readiness, before there is a request.
    ///
    /// # Errors
    ///
    /// If it panicked.
    #[inline(always)]
    fn within_ready<R>(&self, run: impl FnOnce() -> R) -> Result<R, Problem> {
        Ok(run())
    }

    /// Polled when the inner service is pending. Resolves when it is waited for no longer.
    #[inline(always)]
    fn poll_timer(
        &self,
        state: &mut Self::State,
        timer: Pin<&mut Self::Timer>,
        cx: &mut Context<'_>,
    ) -> Poll<Problem> {
        let _ = (state, timer, cx);
        Poll::Pending
    }

    /// Whether the gate has something to wait for before it finishes a response: then
    /// [`poll_before_finish`](Self::poll_before_finish) is polled.
    #[inline(always)]
    fn waits_to_finish(&self, state: &Self::State) -> bool {
        let _ = state;
        false
    }

    /// Polled with the head of the response before any gate finishes it. An error of the inner service is a 500 here.
    ///
    /// # Errors
    ///
    /// If a gate further in panicked, and is given up.
    fn poll_before_finish(
        &self,
        state: &mut Self::State,
        timer: Pin<&mut Self::Timer>,
        head: &Parts,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Problem>> {
        let _ = (state, timer, head, cx);
        Poll::Ready(Ok(()))
    }

    /// Reports a panic that came too late to be responded to. Returns it where that is left to a gate further out.
    #[cold]
    fn report_late_panic(&self, state: &mut Self::State, problem: Problem) -> Option<Problem> {
        let _ = state;
        Some(problem)
    }
}

/// What a gate makes of a response whose body is `B`, or of an error `E`.
#[diagnostic::on_unimplemented(
    message = "the layer cannot wrap a service whose error is `{E}` and whose response body is `{B}`",
    label = "the error has to implement `Into<Box<dyn Error + Send + Sync>>`, and the body `http_body::Body<Data = Bytes>`",
    note = "if `{Self}` is of a function that returns `impl EdgeLayer`, have it take and return the `Router` or the service",
    note = "for the error, implement `std::error::Error` for its type, or add `.map_err(…)` inside of the layer",
    note = "for the body, add `.map_response(|response: Response<_>| response.map(Full::<Bytes>::from))` inside of the layer"
)]
pub trait Finish<B, E>: Gate {
    /// The body that is handed on.
    type Body;
    /// The error that is handed on.
    type Error;

    /// Finishes a response, after the gates further in have. It is only called for a request that the gate has decided.
    fn finish(
        &self,
        state: &mut Self::State,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<Self::Body, Self::Error>;

    /// The inner service is not ready, and never will be.
    ///
    /// # Errors
    ///
    /// If the error is handed on. A problem is what the next request is rejected with.
    fn unready(&self, error: E) -> Result<Problem, Self::Error>;
}

/// A gate that leaves bodies and errors as they are, and only writes fields.
pub trait WriteHead: Gate {
    /// Writes fields on the head of a response, which is of this problem if the envelope has not written it yet.
    fn write_head(&self, state: &mut Self::State, head: &mut Parts, problem: Option<&mut Problem>);
}

impl<G: WriteHead, B, E> Finish<B, E> for G {
    type Body = B;
    type Error = E;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut G::State,
        head: &mut Parts,
        mut inner: InnerResponse<B, E>,
    ) -> InnerResponse<B, E> {
        match &mut inner {
            InnerResponse::Body(_) => self.write_head(state, head, None),
            InnerResponse::Problem(problem) => self.write_head(state, head, Some(problem)),
            InnerResponse::Error(_) => {}
        }
        inner
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
    }
}

/// What a gate decides.
#[derive(Debug)]
pub enum Decision<P> {
    /// The request goes on.
    Admit,
    /// The request is rejected.
    Reject(Problem),
    /// The decision comes later.
    Later(P),
}

/// What a response is, beside its head.
#[derive(Debug)]
pub enum InnerResponse<B, E> {
    /// A response of the inner service.
    Body(B),
    /// A rejection that no envelope has written yet. Its status is in the head, its `Retry-After` is not.
    Problem(Problem),
    /// The inner service failed.
    Error(E),
}

impl<B, E> InnerResponse<B, E> {
    /// The same with another body.
    #[inline(always)]
    pub fn map<C>(self, wrap: impl FnOnce(B) -> C) -> InnerResponse<C, E> {
        match self {
            Self::Body(body) => InnerResponse::Body(wrap(body)),
            Self::Problem(problem) => InnerResponse::Problem(problem),
            Self::Error(error) => InnerResponse::Error(error),
        }
    }
}

/// The head of a request. It is in parts, so that a gate can change the extensions while it holds fields.
#[derive(Debug)]
pub struct RequestHead<'a> {
    /// The id of the request, if a gate further out has just given or found it. It is in the extensions too.
    pub correlation_id: Option<CorrelationId>,
    /// What outer layers and the server have added.
    pub extensions: &'a mut Extensions,
    pub(super) found: Option<&'a FoundFields<'a>>,
    pub(super) headers: &'a HeaderMap,
    pub(super) method: &'a Method,
    pub(super) now: Option<Instant>,
    pub(super) rewritten: Option<Box<HeaderMap>>,
    /// Why the inner service is not ready. The innermost gate that handles it rejects with it.
    pub(super) unready: &'a mut Option<Problem>,
    pub(super) uri: &'a Uri,
    pub(super) version: Version,
}

impl RequestHead<'_> {
    /// The head as keys, formats and predicates are given it.
    #[inline(always)]
    #[must_use]
    pub fn head(&self) -> Head<'_> {
        let Self {
            headers,
            method,
            uri,
            version,
            ..
        } = self;
        let headers = self.rewritten.as_deref().unwrap_or(headers);
        Head::new(method, uri, *version, headers, self.extensions).with_fields(self.found)
    }

    /// Changes the request's fields, for the gates further in and the inner service. The rest of the decision costs
    /// more then.
    #[cold]
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.found = None;
        self.rewritten
            .get_or_insert_with(|| Box::new(self.headers.clone()))
    }

    /// When the request came. The clock is read once for all gates.
    #[inline(always)]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one reading for all gates"
    )]
    pub fn now(&mut self) -> Instant {
        *self.now.get_or_insert_with(Instant::now)
    }
}
