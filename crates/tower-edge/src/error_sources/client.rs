//! Classifies the errors in responses of upstreams.

use std::error::Error;

use tower_edge_core::Problem;

use super::classify::Classification;
use crate::client::decode::RemoteProblem;

pub(super) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    let problem = Problem::from(error.downcast_ref::<RemoteProblem>()?);
    Some(Classification {
        kind: problem.kind(),
        failure: None,
        problem: Some(problem),
    })
}

#[cfg(feature = "envelope")]
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Response;

    use super::*;
    use crate::envelope::problem_of;

    #[test]
    fn an_error_of_an_upstream_is_the_problem_that_our_client_may_see() {
        let response = Response::builder().status(429).header("retry-after", "7");
        let response = response.body("").unwrap();
        let remote = RemoteProblem::from_response(&response).unwrap();

        let problem = problem_of(remote);

        assert_eq!(problem.status(), 503);
        assert_eq!(problem.retry_after(), Some(Duration::from_secs(7)));
        assert!(
            problem
                .source()
                .is_some_and(<dyn Error>::is::<RemoteProblem>)
        );
    }
}
