use http::{HeaderMap, HeaderValue, StatusCode};
use tower_edge_core::{Context, Format, Problem, google_rpc};

/// A [trailers-only](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses)
/// response: HTTP status 200, no body, and the gRPC status and message in the header fields.
///
/// `grpc-status-details-bin` has the [standard details](https://google.aip.dev/193#error_model): `ErrorInfo`, and
/// `RetryInfo`, `BadRequest` and `RequestInfo` where their values are known. A status takes 4 KiB at most: longer
/// details lose the metadata and the fields.
///
/// An envelope writes this format for every gRPC request, whatever its own format is. A wait is also in
/// `grpc-retry-pushback-ms` ([gRFC A6](https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback)).
#[derive(Clone, Copy, Debug, Default)]
pub struct Grpc;

impl Format for Grpc {
    fn body(&self, _: &Problem, _: &Context<'_>, _: &mut Vec<u8>) {}

    fn content_type(&self) -> HeaderValue {
        const { HeaderValue::from_static("application/grpc") }
    }

    fn headers(&self, problem: &Problem, context: &Context<'_>, headers: &mut HeaderMap) {
        google_rpc::insert_status(problem, Some(context), headers);
    }

    fn name(&self) -> &'static str {
        "grpc"
    }

    fn status(&self, _: &Problem, _: &Context<'_>) -> StatusCode {
        StatusCode::OK
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::Status;
    use tonic_types::StatusExt;
    use tower_edge_core::problem::FieldError;
    use tower_edge_core::{CorrelationId, ErrorId, Kind};

    use super::*;

    fn headers(problem: &Problem) -> HeaderMap {
        let mut headers = HeaderMap::new();
        Grpc.headers(problem, &Context::default(), &mut headers);
        headers
    }

    // PROTOCOL-HTTP2, Status-Message: percent-encoded but for %x20-%x24 and %x26-%x7E.
    #[test]
    fn only_what_must_be_encoded_is() {
        let message = "pas trouvé: 100%\n/a:b~";

        assert_eq!(
            headers(&Problem::new(Kind::NotFound).with_message(message))["grpc-message"],
            "pas trouv%C3%A9: 100%25%0A/a:b~"
        );
    }

    #[test]
    fn a_refusal_is_resource_exhausted_with_a_wait_in_milliseconds() {
        let headers = headers(
            &Problem::new(Kind::RateLimited).with_retry_after(Duration::from_micros(700_001)),
        );

        assert_eq!(headers["grpc-status"], "8");
        assert_eq!(headers["grpc-retry-pushback-ms"], "701");
    }

    // gRPC over HTTP/2: `grpc-status-details-bin` is a google.rpc.Status in base64.
    #[test]
    fn the_details_are_what_a_client_of_tonic_reads() {
        let id = HeaderValue::from_static("req_1");
        let id = CorrelationId::parse(&id).unwrap();
        let problem = Problem::new(Kind::Validation)
            .with_message("pas trouvé: 100%")
            .with_detail("resource", "media")
            .with_development_detail("query", "SELECT")
            .with_field_error(FieldError::new("title", "is required"))
            .with_retry_after(Duration::from_micros(700_001))
            .with_source("db:5432");
        let context = Context::default()
            .with_correlation_id(Some(&id))
            .with_domain("media.example.com");
        let mut headers = HeaderMap::new();

        Grpc.headers(&problem, &context, &mut headers);

        let status = Status::from_header_map(&headers).unwrap();
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        let violation = &details.bad_request().unwrap().field_violations[0];
        assert_eq!(
            (&*info.reason, &*info.domain),
            ("VALIDATION_ERROR", "media.example.com")
        );
        assert_eq!(
            info.metadata,
            [("resource".to_owned(), "media".to_owned())].into()
        );
        assert_eq!(
            (&*violation.field, &*violation.description),
            ("title", "is required")
        );
        assert_eq!(
            details.retry_info().unwrap().retry_delay,
            Some(Duration::from_micros(700_001))
        );
        assert_eq!(details.request_info().unwrap().request_id, "req_1");
        assert!(details.debug_info().is_none());
    }

    #[test]
    fn the_status_in_the_details_is_that_beside_them() {
        let problem = Problem::new(Kind::RateLimited).with_message("slow down: ü");

        let status = Status::from_header_map(&headers(&problem)).unwrap();

        // Field 1 is the code, field 2 the message.
        let start = b"\x08\x08\x12\x0dslow down: \xc3\xbc\x1a";
        assert_eq!(&status.details()[..start.len()], start);
        assert_eq!(
            (status.code() as i32, status.message()),
            (8, "slow down: ü")
        );
    }

    #[test]
    fn a_server_error_is_named_as_in_the_log() {
        let mut problem = Problem::new(Kind::Internal);
        problem.set_error_id(ErrorId::new(7, std::time::SystemTime::UNIX_EPOCH));

        let status = Status::from_header_map(&headers(&problem)).unwrap();

        let details = status.get_error_details();
        let metadata = &details.error_info().unwrap().metadata;
        assert_eq!(metadata["error_id"], "err_0000000000000007");
    }

    // gRPC over HTTP/2, Custom-Metadata: 8 KiB is the limit that is suggested for all header fields.
    #[test]
    fn a_status_takes_no_more_than_four_kibibytes() {
        for length in 0..60 {
            let mut problem = Problem::new(Kind::Validation)
                .with_message("ü".repeat(length * 50))
                .with_retry_after(Duration::from_secs(1));
            for field in 0..length {
                let error = FieldError::new(format!("field_{field}"), "is required");
                problem = problem.with_field_error(error);
            }

            let headers = headers(&problem);

            let sizes = headers
                .iter()
                .map(|(name, value)| name.as_str().len() + value.len());
            assert!(sizes.sum::<usize>() <= 4096);
            assert_eq!(headers["grpc-status"], "3");
            let status = Status::from_header_map(&headers).unwrap();
            let details = status.get_error_details();
            assert!(details.error_info().is_some() && details.retry_info().is_some());
        }
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        for message in ["ü".repeat(100_000), format!("a{}", "€".repeat(100_000))] {
            let problem = Problem::new(Kind::Internal).with_message(message);

            let headers = headers(&problem);

            let message = headers["grpc-message"].to_str().unwrap();
            assert!((1000..=1024).contains(&message.len()));
            assert!(message.ends_with("%C3%BC") || message.ends_with("%E2%82%AC"));
        }
    }
}
