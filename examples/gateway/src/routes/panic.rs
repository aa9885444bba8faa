use std::any::Any;

use axum::response::{IntoResponse, Response};
use tower_edge::envelope::Panicked;
use tower_edge::{Kind, Problem};

/// Panics, as a handler with a bug does.
#[expect(clippy::panic, reason = "that is what it is for")]
pub(super) async fn panic() {
    panic!("the password is hunter2")
}

/// The response in place of a handler that has panicked.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is so that the layer passes it"
)]
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let problem = Problem::new(Kind::Internal).with_source(Panicked::new(&*payload));
    problem.into_response()
}
