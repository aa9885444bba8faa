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
