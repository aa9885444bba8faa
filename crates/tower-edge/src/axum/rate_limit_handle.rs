//! The handle of a rate limit as an axum extractor.

use axum::extract::FromRequestParts;
use http::request::Parts;
use tower_edge_core::{Kind, Problem};

use crate::rate_limit::RateLimitHandle;

/// Rejects a request with 500 if no layer has inserted a handle, which is a mistake in the set-up.
///
/// ```
/// use axum::{Router, body::Body, routing::get};
/// use http::Request;
/// use tower::ServiceExt;
/// use tower_edge::Problem;
/// use tower_edge::rate_limit::{Key, Limit, Quota, RateLimitHandle, RateLimitLayer};
///
/// async fn search(limits: RateLimitHandle) -> Result<&'static str, Problem> {
///     limits.check("search", &Key::from("what the body names")).await?;
///     Ok("found")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let limit = Limit::in_handler(Quota::per_minute(1).named("search"));
/// let layer = RateLimitLayer::new(limit).with_handle();
/// let app = Router::new().route("/", get(search)).layer(layer);
///
/// for status in [200, 429] {
///     let request = Request::get("/").body(Body::empty())?;
///     assert_eq!(app.clone().oneshot(request).await?.status(), status);
/// }
/// # Ok(())
/// # }
/// ```
impl<S: Send + Sync> FromRequestParts<S> for RateLimitHandle {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let handle = parts.extensions.get().cloned();
        handle.ok_or_else(|| {
            let source = "no rate limit around the handler has a handle: add one by `RateLimitLayer::with_handle`";
            Problem::new(Kind::Internal).with_source(source)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use http::Request;
    use tokio_test::block_on;

    use super::*;

    #[test]
    fn a_handle_that_is_missing_is_a_500_that_names_the_remedy() {
        let (mut parts, ()) = Request::new(()).into_parts();

        let problem = block_on(RateLimitHandle::from_request_parts(&mut parts, &())).unwrap_err();

        assert_eq!(problem.kind(), Kind::Internal);
        let source = problem.source().unwrap().to_string();
        assert!(source.contains("RateLimitLayer::with_handle"), "{source}");
    }
}
