use tonic::Code;
use tonic::Status;

use crate::Problem;

/// The code of the problem's kind and its message; the source stays here.
impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        Self::new(
            Code::from_i32(problem.kind().grpc_code().number().into()),
            problem.to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_status_has_the_code_and_the_message_and_not_the_source() {
        let problem = Problem::new(Kind::UpstreamTimeout)
            .with_message("too slow")
            .with_source("db:5432");

        let status = Status::from(problem);

        assert_eq!(
            (status.code(), status.message()),
            (Code::DeadlineExceeded, "too slow")
        );
        assert!(!format!("{status:?}").contains("5432"));
    }
}
