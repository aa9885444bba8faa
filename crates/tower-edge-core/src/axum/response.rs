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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body::Body as _;

    use super::*;
    use crate::Kind;

    #[test]
    fn a_handler_may_answer_with_a_problem() {
        let problem = Problem::new(Kind::Unavailable).with_retry_after(Duration::from_secs(3));

        let response = IntoResponse::into_response(problem);

        assert_eq!(
            (
                response.status().as_u16(),
                &response.headers()["retry-after"]
            ),
            (503, &"3".parse().unwrap())
        );
        assert!(response.body().is_end_stream());
        assert!(response.extensions().get::<Problem>().is_some());
    }
}
