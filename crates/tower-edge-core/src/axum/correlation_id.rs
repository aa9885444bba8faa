use std::convert::Infallible;
use std::error::Error;
use std::fmt;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::{CorrelationId, Kind, Problem};

/// The id of the request, as an argument of a handler.
///
/// ```
/// use axum::extract::FromRequestParts;
/// use http::Request;
/// use tower_edge_core::CorrelationId;
///
/// # tokio_test::block_on(async {
/// let (mut parts, ()) = Request::new(()).into_parts();
/// parts.extensions.insert(CorrelationId::from_u128(7));
///
/// let id = CorrelationId::from_request_parts(&mut parts, &()).await?;
///
/// assert_eq!(id, CorrelationId::from_u128(7));
/// # Ok::<_, tower_edge_core::Problem>(())
/// # }).unwrap();
/// ```
///
/// If no layer of the stack has set an id, the request is rejected with an internal error. An `Option<CorrelationId>`
/// is `None` instead.
impl<S: Sync> FromRequestParts<S> for CorrelationId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let id = parts.extensions.get().cloned();
        id.ok_or_else(|| Problem::new(Kind::Internal).with_source(MissingCorrelationId))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for CorrelationId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

/// The source of that internal error, for the log.
#[derive(Debug)]
struct MissingCorrelationId;

impl fmt::Display for MissingCorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the request has no correlation id: expected a `CorrelationIdLayer` around the handler",
        )
    }
}

impl Error for MissingCorrelationId {}

#[cfg(test)]
mod tests {
    use http::Request;
    use tokio_test::block_on;

    use super::*;

    fn parts(id: Option<CorrelationId>) -> Parts {
        let (mut parts, ()) = Request::new(()).into_parts();
        id.map(|id| parts.extensions.insert(id));
        parts
    }

    #[test]
    fn a_handler_is_given_the_id_of_the_request() {
        let id = CorrelationId::from_u128(7);
        let mut parts = parts(Some(id.clone()));

        let seen = block_on(<CorrelationId as FromRequestParts<()>>::from_request_parts(
            &mut parts,
            &(),
        ));

        assert_eq!(seen.unwrap(), id);
    }

    #[test]
    fn without_an_id_the_stack_is_at_fault_and_an_option_is_none() {
        let mut parts = parts(None);

        let problem = block_on(<CorrelationId as FromRequestParts<()>>::from_request_parts(
            &mut parts,
            &(),
        ))
        .unwrap_err();
        let option = block_on(
            <CorrelationId as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &()),
        );

        assert_eq!(problem.kind(), Kind::Internal);
        assert_eq!(
            problem.source().unwrap().to_string(),
            "the request has no correlation id: expected a `CorrelationIdLayer` around the handler"
        );
        assert_eq!(option, Ok(None));
    }
}
