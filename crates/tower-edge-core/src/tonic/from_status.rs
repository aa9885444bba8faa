use std::error::Error;

use tonic::{Code, Status};

use crate::google_rpc::StatusDetails;
use crate::google_rpc::status::without_fields;
use crate::http_ext::error_chain;
use crate::{GrpcCode, Kind, Problem};

/// Converts as from a borrowed status, and keeps the status as the problem's source.
impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        match own(&status) {
            Some(problem) => problem.clone(),
            None => Self::from(&status).with_source(status),
        }
    }
}

/// Converts to a problem with the kind of the code, or with the more exact kind that the reason of `ErrorInfo` names.
/// The wait of `RetryInfo` becomes the problem's.
///
/// ```
/// use tonic::Status;
/// use tower_edge_core::{Kind, Problem};
///
/// let missing = Problem::from(Status::not_found("no such medium"));
/// let broken = Problem::from(Status::internal("connect to db:5432 failed"));
///
/// assert_eq!((missing.kind(), missing.message()), (Kind::NotFound, Some("no such medium")));
/// assert_eq!((broken.kind(), broken.message()), (Kind::Internal, None));
/// ```
///
/// A status that was made from a problem in this process is that problem.
///
/// For a mistake of the caller, the problem also has the message, the metadata of `ErrorInfo` and the violations of
/// `BadRequest`. A server's message about its own failures is left out, since it is not for clients. So is the message
/// of a status that a transport has made from an error of its own.
impl From<&Status> for Problem {
    fn from(status: &Status) -> Self {
        if let Some(problem) = own(status) {
            return problem.clone();
        }
        let details = StatusDetails::from_protobuf(status.details());
        let mut problem = from_code(status.code(), &details);
        if let Some(wait) = details.retry_delay {
            problem = problem.with_retry_after(wait);
        }
        if !is_public(status) {
            return problem;
        }
        let message = without_fields(status.message(), &details.field_errors);
        if !message.is_empty() {
            problem = problem.with_message(message.to_owned());
        }
        let mut metadata = details.metadata;
        // A map has no order, and a response should have one.
        metadata.sort();
        let problem = metadata
            .into_iter()
            .fold(problem, |problem, (name, value)| {
                problem.with_detail(name, value)
            });
        details
            .field_errors
            .into_iter()
            .fold(problem, Self::with_field_error)
    }
}

/// The problem that the status was made from.
fn own(status: &Status) -> Option<&Problem> {
    error_chain(status).find_map(<dyn Error>::downcast_ref)
}

/// A problem with the kind of a code. Where the kind's own status is more specific than the code, it has the status
/// that [google.rpc.Code](https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto) gives the code.
fn from_code(code: Code, details: &StatusDetails) -> Problem {
    // Only a mistake in the service returns `Ok` as an error.
    let code = u8::try_from(i32::from(code)).ok();
    let Some(code) = code.and_then(GrpcCode::from_number) else {
        return Problem::new(Kind::Internal);
    };
    let kind = details.kind(code);
    let problem = Problem::new(kind);
    let reason = details.reason.as_deref().unwrap_or_default();
    match code {
        GrpcCode::FailedPrecondition | GrpcCode::OutOfRange
            if !kind.name().eq_ignore_ascii_case(reason) =>
        {
            problem.with_status(code.status())
        }
        GrpcCode::Unknown | GrpcCode::DataLoss => problem.with_grpc_code(code),
        _ => problem,
    }
}

fn is_public(status: &Status) -> bool {
    let is_callers = matches!(
        status.code(),
        Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unauthenticated
    );
    is_callers && status.source().is_none()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic_types::{ErrorDetails, StatusExt};

    use super::*;
    use crate::problem::FieldError;

    const CODES: i32 = 17;

    /// The status as a client receives it.
    fn received(problem: &Problem) -> Status {
        let response = problem.to_status("").into_http::<()>();
        Status::from_header_map(response.headers()).unwrap()
    }

    #[test]
    fn a_status_of_this_process_is_its_problem() {
        let problem = Problem::new(Kind::Internal)
            .with_development_detail("query", "SELECT")
            .with_source("db:5432");

        let back = Problem::from(Status::from(problem));

        assert_eq!(back.details()[0].name(), "query");
        assert_eq!(back.source().unwrap().to_string(), "db:5432");
    }

    #[test]
    fn a_code_is_kept() {
        for code in 1..CODES {
            let code = Code::from_i32(code);
            let problem = Problem::from(Status::new(code, "hello"));

            assert_eq!(problem.to_status("").code(), code);
            assert!(problem.status().as_u16() >= 400);
        }
    }

    // google.rpc.Code: both are 400 Bad Request.
    #[test]
    fn a_code_without_a_reason_has_the_status_of_the_code() {
        for code in [Code::FailedPrecondition, Code::OutOfRange] {
            assert_eq!(Problem::from(Status::new(code, "no")).status(), 400);
        }
        let named = received(&Problem::new(Kind::PreconditionFailed));
        assert_eq!(Problem::from(named).status(), 412);
    }

    #[test]
    fn the_message_of_a_servers_failure_is_not_public() {
        for code in 0..CODES {
            let code = Code::from_i32(code);
            let mut details =
                ErrorDetails::with_error_info("SECRET", "", [("k".into(), "secret".into())]);
            details.set_bad_request(vec![tonic_types::FieldViolation::new("secret", "secret")]);
            let status = Status::with_error_details(code, "secret", details);

            let problem = Problem::from(&status);

            let text = format!("{problem:?} {problem}");
            let is_public = problem.status().is_client_error() && code != Code::Cancelled;
            assert_eq!(text.contains("secret"), is_public, "{code:?}: {text}");
        }
    }

    #[test]
    fn what_a_transport_says_of_its_own_errors_is_not_public() {
        let mut status = Status::resource_exhausted("10.0.0.1 sent ENHANCE_YOUR_CALM");
        status.set_source(std::sync::Arc::new(std::fmt::Error));

        assert_eq!(Problem::from(&status).message(), None);
    }

    #[test]
    fn every_kind_comes_back_as_itself() {
        for kind in Kind::ALL {
            let status = received(&Problem::new(*kind));

            assert_eq!(Problem::from(status).kind(), *kind);
        }
    }

    #[test]
    fn wait_details_and_fields_come_back() {
        let problem = Problem::new(Kind::Validation)
            .with_message("no")
            .with_detail("id", 7)
            .with_field_error(FieldError::new("items[0].a/b", "is required"))
            .with_retry_after(Duration::from_millis(1500));

        let back = Problem::from(received(&problem));

        assert_eq!(back.message(), Some("no"));
        assert_eq!(back.retry_after(), Some(Duration::from_millis(1500)));
        assert_eq!(back.details()[0].json(), "\"7\"");
        assert_eq!(
            back.field_errors()[0].pointer().as_deref(),
            Some("/items/0/a~1b")
        );
    }

    #[test]
    fn a_message_is_the_same_after_each_hop() {
        let long = "x".repeat(900);
        for message in ["no", "no: title: is", "Wrong.", &long] {
            let problem = Problem::new(Kind::Validation)
                .with_message(message.to_owned())
                .with_field_error(FieldError::new("title", "is required"))
                .with_field_error(FieldError::new("sku", "y".repeat(200)));

            let first = received(&problem);
            let second = received(&Problem::from(first.clone()));

            assert_eq!(first.message(), second.message());
            let fields = Problem::from(second).field_errors().len();
            assert_eq!(fields, 2, "{message}");
        }
        // Without the fields, the message is all that is left of them.
        let status = Status::invalid_argument("no: title: is required");
        assert_eq!(
            Problem::from(status).message(),
            Some("no: title: is required")
        );
    }

    #[test]
    fn what_other_crates_write_is_read() {
        let mut details = ErrorDetails::with_retry_info(Some(Duration::from_millis(1500)));
        details
            .set_error_info("STOCKOUT", "a.example", [("zone".into(), "ü".into())])
            .set_request_info("7a", "")
            .add_bad_request_violation("a.b", "is required")
            .set_localized_message("de", "ausverkauft");
        let status = Status::with_error_details(Code::Unavailable, "no", details);

        let read = StatusDetails::from_protobuf(status.details());

        assert_eq!(read.reason.as_deref(), Some("STOCKOUT"));
        assert_eq!(read.domain.as_deref(), Some("a.example"));
        assert_eq!(read.metadata, [("zone".to_owned(), "ü".to_owned())]);
        assert_eq!(read.request_id.as_deref(), Some("7a"));
        assert_eq!(read.retry_delay, Some(Duration::from_millis(1500)));
        let field_error = FieldError::new("a.b", "is required").with_pointer("/a/b");
        assert_eq!(read.field_errors, [field_error]);
    }

    #[test]
    fn details_that_are_not_protobuf_are_none() {
        let status = Status::with_details(Code::NotFound, "no", b"\xff\xff"[..].into());

        assert_eq!(Problem::from(status).message(), Some("no"));
    }
}
