use std::sync::Arc;

use http::HeaderMap;
use tonic::Status;

use crate::{Context, Problem, google_rpc};

/// Like [`Problem::to_status`] without a domain, for a handler that returns a problem by `?`. An envelope adds its own
/// domain.
///
/// ```
/// use tonic::{Request, Response, Status};
/// use tower_edge_core::{Kind, Problem};
///
/// async fn find(request: Request<String>) -> Result<Response<String>, Status> {
///     Err(Problem::new(Kind::NotFound).with_detail("id", request.get_ref()))?
/// }
/// # let status = tokio_test::block_on(find(Request::new("7".to_owned()))).unwrap_err();
/// # assert_eq!(status.code(), tonic::Code::NotFound);
/// ```
impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        problem.to_status("")
    }
}

impl Problem {
    /// The status that an envelope writes for the problem: its [code](Self::grpc_code), its message, and all else that
    /// is public as the [standard details](https://google.aip.dev/193#errorinfo).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_edge_core::{Kind, Problem};
    ///
    /// let problem = Problem::new(Kind::RateLimited).with_retry_after(Duration::from_millis(1500));
    /// let status = problem.to_status("media.example.com");
    ///
    /// assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    /// assert_eq!(status.metadata().get("retry-after").map(|it| it.as_bytes()), Some(&b"2"[..]));
    /// ```
    ///
    /// The details are `ErrorInfo` (the [reason](Self::reason), the domain, and [metadata](Self::metadata)),
    /// `RetryInfo` and `BadRequest`. Where the details are too long for header fields, the metadata and the fields are
    /// left out: see [`google_rpc::status`]. The [header fields](Self::headers) are the status's metadata. So is a
    /// wait, as `retry-after` and
    /// [`grpc-retry-pushback-ms`](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback).
    ///
    /// The source of the status is the problem, which is not sent. An envelope finds it there, and writes and logs it
    /// as any other.
    #[must_use]
    pub fn to_status(&self, domain: &str) -> Status {
        let context = Context::default().with_domain(domain);
        let mut fields = HeaderMap::new();
        self.extend_headers(&mut fields);
        google_rpc::insert_status(self, Some(&context), &mut fields);
        let status = Status::from_header_map(&fields);
        let mut status = status.unwrap_or_else(|| Status::unknown(""));
        status.set_source(Arc::new(self.clone()));
        status
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::time::Duration;

    use tonic::Code;
    use tonic_types::StatusExt;

    use super::*;
    use crate::Kind;
    use crate::problem::FieldError;

    #[test]
    fn a_status_has_the_code_and_the_message_and_not_the_source() {
        let problem = Problem::new(Kind::UpstreamTimeout)
            .with_message("too slow")
            .with_development_detail("server_url", "db:5432")
            .with_source("db:5432");

        let status = Status::from(problem);

        assert_eq!(
            (status.code(), status.message()),
            (Code::DeadlineExceeded, "too slow")
        );
        assert!(!String::from_utf8_lossy(status.details()).contains("5432"));
        assert!(status.source().is_some_and(<dyn Error>::is::<Problem>));
        let response = status.into_http::<()>();
        assert!(!format!("{:?}", response.headers()).contains("5432"));
    }

    // AIP-193: ErrorInfo has the reason, the domain and the metadata.
    #[test]
    fn the_standard_details_have_reason_wait_and_fields() {
        let problem = Problem::new(Kind::Validation)
            .with_detail("resource", "media")
            .with_field_error(FieldError::new("title", "is required"))
            .with_retry_after(Duration::from_micros(700_001));

        let status = problem.to_status("media.example.com");

        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!(
            (&*info.reason, &*info.domain, &*info.metadata["resource"]),
            ("VALIDATION_ERROR", "media.example.com", "media")
        );
        let delay = details.retry_info().unwrap().retry_delay;
        assert_eq!(delay, Some(Duration::from_micros(700_001)));
        let violation = &details.bad_request().unwrap().field_violations[0];
        assert_eq!(
            (&*violation.field, &*violation.description),
            ("title", "is required")
        );
    }

    #[test]
    fn a_wait_is_rounded_up_in_the_metadata() {
        let wait = Duration::from_micros(700_001);
        let status = Problem::new(Kind::RateLimited)
            .with_retry_after(wait)
            .to_status("");

        let metadata = status.metadata();
        assert_eq!(metadata.get("retry-after").unwrap(), "1");
        assert_eq!(metadata.get("grpc-retry-pushback-ms").unwrap(), "701");
    }

    #[test]
    fn what_is_long_is_cut_to_what_header_fields_take() {
        let long = "ü".repeat(10_000);
        let mut problem = Problem::new(Kind::Validation).with_message(long.clone());
        for _ in 0..100 {
            problem = problem
                .with_detail("a", long.clone())
                .with_field_error(FieldError::new(long.clone(), "no"));
        }

        let status = problem.to_status("");

        assert!(status.message().len() + status.details().len() < 8192);
    }

    // One limit for all code that writes a status: see `google_rpc`.
    #[test]
    fn the_details_are_those_of_every_other_status_up_to_the_same_size() {
        for length in 0..100 {
            let mut problem = Problem::new(Kind::Validation).with_message("ü".repeat(length * 5));
            for field in 0..length {
                let error = FieldError::new(format!("field_{field}"), "is required");
                problem = problem.with_field_error(error);
            }

            let status = problem.to_status("a.example");

            let context = Context::default().with_domain("a.example");
            let expected = google_rpc::status(&problem, status.message(), &context);
            assert_eq!(status.details(), expected.unwrap_or_default());
            let response = status.into_http::<()>();
            let back = Status::from_header_map(response.headers()).unwrap();
            let back = Problem::from(back);
            assert_eq!(back.kind(), Kind::Validation, "{length} fields");
        }
    }

    // gRPC over HTTP/2: details travel in `grpc-status-details-bin`, in base64.
    #[test]
    fn what_is_written_is_the_same_after_its_way_over_the_wire() {
        let problem = Problem::new(Kind::Validation)
            .with_message("pas trouvé: 100%")
            .with_field_error(FieldError::new("title", "is required"))
            .with_retry_after(Duration::from_secs(3));

        let response = problem.to_status("media.example.com").into_http::<()>();
        let status = Status::from_header_map(response.headers()).unwrap();

        assert!(response.headers().contains_key("grpc-status-details-bin"));
        assert_eq!(
            status.metadata().get("grpc-retry-pushback-ms").unwrap(),
            "3000"
        );
        let back = Problem::from(status);
        assert_eq!(back.kind(), Kind::Validation);
        assert_eq!(back.message(), Some("pas trouvé: 100%"));
        assert_eq!(
            back.field_errors(),
            [FieldError::new("title", "is required").with_pointer("/title")]
        );
        assert_eq!(back.retry_after(), Some(Duration::from_secs(3)));
    }
}
