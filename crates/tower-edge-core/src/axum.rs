use axum_core::body::Body;
use axum_core::response::IntoResponse;
use axum_core::response::Response;

use crate::Problem;

/// Status, `Retry-After` and the problem in the extensions; an envelope outside writes the body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        Self::into_response::<Body>(self)
    }
}
