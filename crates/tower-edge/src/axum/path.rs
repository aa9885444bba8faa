use std::ops::{Deref, DerefMut};

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use serde::de::DeserializeOwned;
use tower_edge_core::Problem;

/// [`axum::extract::Path`] whose rejections are problems. A problem has the value of the invalid parameter, and its
/// name in the route.
///
/// ```
/// use axum::{Router, body::Body, routing::get};
/// use http::Request;
/// use http_body_util::BodyExt;
/// use tower::ServiceExt;
/// use tower_edge::axum::Path;
///
/// async fn show(Path(id): Path<u64>) -> String {
///     id.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = Router::new().route("/media/{id}", get(show));
///
/// let response = app.oneshot(Request::get("/media/x").body(Body::empty())?).await?;
///
/// assert_eq!(response.status(), 422);
/// let body = response.into_body().collect().await?.to_bytes();
/// assert!(body.ends_with(br#""parameter":"id","value":"x"}]}"#), "{body:?}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) => match RawPathParams::from_request_parts(parts, state).await {
                Ok(params) => Err((rejection, &params).into()),
                Err(_) => Err(rejection.into()),
            },
        }
    }
}

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Path<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
