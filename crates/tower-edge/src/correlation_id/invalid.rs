use std::convert::Infallible;

use http::{HeaderName, Response};
use tower_edge_core::{CorrelationId, Kind, PendingRefusal, Problem};

/// What is done with a request that has an id which is not valid, and no other: [`Replace`],
/// [`Refuse`] or [`RefuseInside`].
pub trait OnInvalid: sealed::Sealed {
    /// What the client is told; nothing at all where ids are replaced.
    type Refusal;

    /// The refusal of an id in this field, of a request that goes by that one.
    fn refusal(&self, header: &HeaderName, id: &CorrelationId) -> Option<Self::Refusal>;

    /// What is left to an envelope further in.
    #[must_use]
    fn pending(_: &Self::Refusal) -> Option<&PendingRefusal> {
        None
    }
}

/// Makes an id for the request, as if it had none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Replace;

impl OnInvalid for Replace {
    type Refusal = Infallible;

    fn refusal(&self, _: &HeaderName, _: &CorrelationId) -> Option<Infallible> {
        None
    }
}

/// Answers 400, with a problem whose detail `header` names the field. What it held is not repeated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refuse;

impl OnInvalid for Refuse {
    type Refusal = Problem;

    fn refusal(&self, header: &HeaderName, _: &CorrelationId) -> Option<Problem> {
        Some(problem(header))
    }
}

/// Has an envelope further in answer 400, in the format of the request.
#[derive(Clone, Copy, Debug, Default)]
pub struct RefuseInside;

impl OnInvalid for RefuseInside {
    type Refusal = PendingRefusal;

    fn refusal(&self, header: &HeaderName, id: &CorrelationId) -> Option<PendingRefusal> {
        Some(PendingRefusal::new(problem(header), id.clone()))
    }

    fn pending(refusal: &PendingRefusal) -> Option<&PendingRefusal> {
        Some(refusal)
    }
}

#[cold]
fn problem(header: &HeaderName) -> Problem {
    let name = header.as_str().to_owned();
    Problem::new(Kind::BadRequest).with_detail("header", name)
}

/// What a refusal is as a response; only one that there can be asks anything of the body.
pub trait Refusal<B>: sealed::Sealed {
    /// The response, its body empty.
    fn into_response(self) -> Response<B>;
}

impl<B> Refusal<B> for Infallible {
    fn into_response(self) -> Response<B> {
        match self {}
    }
}

impl<B: Default> Refusal<B> for Problem {
    fn into_response(self) -> Response<B> {
        self.into_empty_response()
    }
}

impl<B: Default> Refusal<B> for PendingRefusal {
    fn into_response(self) -> Response<B> {
        let problem = self.take();
        problem
            .unwrap_or(Problem::new(Kind::BadRequest))
            .into_empty_response()
    }
}

mod sealed {
    use std::convert::Infallible;

    use tower_edge_core::{PendingRefusal, Problem};

    #[expect(
        unnameable_types,
        reason = "it keeps others from writing more of these"
    )]
    pub trait Sealed {}

    impl Sealed for super::Refuse {}
    impl Sealed for super::RefuseInside {}
    impl Sealed for super::Replace {}
    impl Sealed for Infallible {}
    impl Sealed for PendingRefusal {}
    impl Sealed for Problem {}
}
