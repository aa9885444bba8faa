use std::mem;

use tower_edge_core::rate_limit::{Later, Never};

use super::{Either, Sealed};

/// Holds the request and the readied service until a decision that comes [`Later`], and [`Never`] otherwise.
#[diagnostic::on_unimplemented(
    message = "the decision `{Self}` cannot be waited for",
    note = "the `Future` of a store is `Never` or `Later<F>`; with `Later`, the inner service has to be `Clone`"
)]
pub trait Hold<S, R>: Sealed {
    /// Takes the readied service, in whose place comes a clone, and the request. They are in a box, since the round
    /// trip of such a store dwarfs it, and other futures stay small.
    fn hold(&self, readied: &mut S, request: R) -> Box<(S, R)>;
}

impl<T> Sealed for Never<T> {}

impl<S, R, T> Hold<S, R> for Never<T> {
    fn hold(&self, _: &mut S, _: R) -> Box<(S, R)> {
        self.never()
    }
}

impl<F> Sealed for Later<F> {}

impl<S: Clone, R, F> Hold<S, R> for Later<F> {
    fn hold(&self, readied: &mut S, request: R) -> Box<(S, R)> {
        let next = readied.clone();
        Box::new((mem::replace(readied, next), request))
    }
}

impl<A, Z> Sealed for Either<A, Z> {}

impl<S, R, A: Hold<S, R>, Z: Hold<S, R>> Hold<S, R> for Either<A, Z> {
    fn hold(&self, readied: &mut S, request: R) -> Box<(S, R)> {
        match self {
            Self::Outer { it } => it.hold(readied, request),
            Self::Inner { it } => it.hold(readied, request),
        }
    }
}
