//! Reads the errors of upstreams from the statuses of tonic's client.

use std::error::Error;

use http::HeaderMap;
use tonic::Status;

use crate::client::decode::RemoteProblem;

impl RemoteProblem {
    /// Reads the status of a failed call of tonic's client like a gRPC response. `None` if the status has a source: the
    /// client made it from an error of its own, and no upstream has sent it.
    ///
    /// ```
    /// use tonic::Status;
    /// use tower_edge::client::decode::RemoteProblem;
    /// use tower_edge::envelope::problem_of;
    /// use tower_edge::{Kind, Problem};
    ///
    /// fn problem(status: Status) -> Problem {
    ///     RemoteProblem::from_status(&status).map_or_else(|| problem_of(status), Problem::from)
    /// }
    ///
    /// // The upstream has limited our service, not our client.
    /// assert_eq!(problem(Status::resource_exhausted("slow down")).kind(), Kind::Unavailable);
    /// ```
    #[must_use]
    pub fn from_status(status: &Status) -> Option<Self> {
        let is_sent = status.source().is_none();
        let mut fields = HeaderMap::new();
        is_sent.then(|| status.add_header(&mut fields).ok())??;
        Self::from_trailers(&fields)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use tonic::{Code, ConnectError};
    use tonic_types::{ErrorDetails, StatusExt};
    use tower_edge_core::problem::Detail;
    use tower_edge_core::{GrpcCode, Kind, Problem};

    use super::*;

    #[test]
    fn what_an_upstream_has_sent_is_read_with_its_details() {
        let mut details = ErrorDetails::with_retry_info(Some(Duration::from_millis(1500)));
        details
            .set_error_info("STOCKOUT", "a.example", [("zone".into(), "ü".into())])
            .add_bad_request_violation("title", "is required");
        let mut status = Status::with_error_details(Code::Unavailable, "über 100%", details);
        let id = "req_abc123xyz".parse().unwrap();
        status.metadata_mut().insert("x-correlation-id", id);

        let remote = RemoteProblem::from_status(&status).unwrap();

        assert_eq!(
            (remote.code(), remote.grpc_code()),
            (Some("STOCKOUT"), Some(GrpcCode::Unavailable))
        );
        assert_eq!(remote.message(), Some("über 100%"));
        assert_eq!(remote.retry_after(), Some(Duration::from_millis(1500)));
        assert_eq!(remote.field_errors()[0].field(), "title");
        let names: Vec<_> = remote.details().iter().map(Detail::name).collect();
        assert_eq!(names, ["zone", "domain"]);
        let id = remote.correlation_id().map(ToString::to_string);
        assert_eq!(id.as_deref(), Some("req_abc123xyz"));
    }

    #[test]
    fn what_no_upstream_has_sent_is_no_error_of_an_upstream() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        for status in [
            Status::from_error(Box::new(ConnectError(refused.into()))),
            Status::from(Problem::new(Kind::RateLimited)),
            Status::ok(""),
        ] {
            assert!(RemoteProblem::from_status(&status).is_none(), "{status:?}");
        }
    }
}
