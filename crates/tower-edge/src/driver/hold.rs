use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tower_edge_core::rate_limit::Never;

use super::{Either, Sealed};

/// What becomes of the readied inner service when it is not called at once: it waits for a decision, or the request is
/// rejected.
///
/// A service that is readied may have reserved something, such as a permit of a concurrency limit, until it is called
/// or dropped.
#[diagnostic::on_unimplemented(
    message = "the layers cannot stand around `{S}`",
    note = "if `{Self}` is of a function that returns `impl EdgeLayer`, have it take and return the `Router` or the service",
    note = "a rate limit needs an inner service that is `Clone`: put a `BufferLayer` inside of it, or another layer that has one"
)]
pub trait Hold<S, R>: Sealed {
    /// Takes the readied service, in whose place comes a clone, and the request. They are in a box, since the round
    /// trip of such a store dwarfs it, and other futures stay small.
    fn hold(&self, readied: &mut S, request: R) -> Box<(S, R)>;

    /// Drops the readied service, in whose place comes a clone, with all that it has reserved. Returns `false` if it
    /// does not, as the service need not be `Clone`.
    fn release(readied: &mut S) -> bool;
}

pin_project! {
    /// A decision that may come later. Gates that have one ask for an inner service that is `Clone`. Machinery of the
    /// driver: a store's future is any future.
    #[derive(Debug)]
    pub struct Later<F> {
        #[pin]
        future: F,
    }
}

impl<F> Later<F> {
    /// Wraps what resolves to the decision.
    pub const fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Future> Future for Later<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F> Sealed for Later<F> {}

#[diagnostic::do_not_recommend]
impl<S: Clone, R, F> Hold<S, R> for Later<F> {
    fn hold(&self, readied: &mut S, request: R) -> Box<(S, R)> {
        let next = readied.clone();
        Box::new((mem::replace(readied, next), request))
    }

    fn release(readied: &mut S) -> bool {
        *readied = readied.clone();
        true
    }
}

impl<T> Sealed for Never<T> {}

impl<S, R, T> Hold<S, R> for Never<T> {
    fn hold(&self, _: &mut S, _: R) -> Box<(S, R)> {
        self.never()
    }

    fn release(_: &mut S) -> bool {
        false
    }
}

impl<A, Z> Sealed for Either<A, Z> {}

#[diagnostic::do_not_recommend]
impl<S, R, A: Hold<S, R>, Z: Hold<S, R>> Hold<S, R> for Either<A, Z> {
    fn hold(&self, readied: &mut S, request: R) -> Box<(S, R)> {
        match self {
            Self::Outer { it } => it.hold(readied, request),
            Self::Inner { it } => it.hold(readied, request),
        }
    }

    fn release(readied: &mut S) -> bool {
        A::release(readied) || Z::release(readied)
    }
}
