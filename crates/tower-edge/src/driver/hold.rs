use std::convert::Infallible;
use std::mem;

use tower_edge_core::rate_limit::{Later, Never};

use super::Sealed;

/// Holds the request and the readied service until a decision that comes [`Later`], and [`Never`] otherwise.
#[diagnostic::on_unimplemented(
    message = "the decision `{Self}` cannot be waited for",
    note = "the `Future` of a store is `Never` or `Later<F>`; with `Later`, the inner service has to be `Clone`"
)]
pub trait Hold<S, R>: Sealed {
    /// What is held.
    type Held: Held<S, R>;

    /// Takes the readied service, in whose place comes a clone, and the request.
    fn hold(&self, readied: &mut S, request: R) -> Self::Held;
}

/// What is held until there is a decision.
pub trait Held<S, R>: Sealed {
    /// The request.
    fn request(&mut self) -> &mut R;

    /// The service that was readied for it, and the request.
    fn release(self) -> (S, R);
}

impl<T> Sealed for Never<T> {}

impl<S, R, T> Hold<S, R> for Never<T> {
    type Held = Infallible;

    #[inline(always)]
    fn hold(&self, _: &mut S, _: R) -> Infallible {
        match self.never() {}
    }
}

impl Sealed for Infallible {}

impl<S, R> Held<S, R> for Infallible {
    fn request(&mut self) -> &mut R {
        match *self {}
    }

    fn release(self) -> (S, R) {
        match self {}
    }
}

impl<F> Sealed for Later<F> {}

impl<S: Clone, R, F> Hold<S, R> for Later<F> {
    // In a box: the round trip of such a store dwarfs it, and other futures stay small.
    type Held = Box<(S, R)>;

    fn hold(&self, readied: &mut S, request: R) -> Box<(S, R)> {
        let next = readied.clone();
        Box::new((mem::replace(readied, next), request))
    }
}

impl<S, R> Sealed for Box<(S, R)> {}

impl<S, R> Held<S, R> for Box<(S, R)> {
    fn request(&mut self) -> &mut R {
        &mut self.1
    }

    fn release(self) -> (S, R) {
        *self
    }
}
