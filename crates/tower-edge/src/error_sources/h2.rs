//! Classifies the errors of HTTP/2.

use std::error::Error;
use std::io;

use h2::Reason;
use tower_edge_core::{GrpcCode, Kind, Problem};

use super::cancelled::is_late;
use super::classify::Classification;
use super::failure::UpstreamFailure;

pub(super) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    let error = error.downcast_ref::<h2::Error>()?;
    // An h2 error has no source: only `get_io` shows an error of the connection.
    if let Some(cause) = error.get_io() {
        let failure = if cause.kind() == io::ErrorKind::TimedOut {
            UpstreamFailure::Timeout
        } else {
            UpstreamFailure::Reset
        };
        return Some(Classification::new(failure.kind(), Some(failure)));
    }
    let Some(reason) = error.reason() else {
        // This process misused the protocol.
        return Some(Classification::new(Kind::Internal, None));
    };
    // Servers of gRPC may also reset the stream when they end a call at its deadline.
    if reason == Reason::CANCEL && error.is_reset() && is_late() {
        let late = UpstreamFailure::Timeout;
        return Some(Classification::new(late.kind(), Some(late)));
    }
    let failure = match reason {
        // The upstream has not processed the request ([RFC 9113, section
        // 8.7](https://www.rfc-editor.org/rfc/rfc9113#section-8.7)).
        Reason::REFUSED_STREAM => UpstreamFailure::Refused,
        // Errors of the connection, not of the request.
        Reason::COMPRESSION_ERROR
        | Reason::FLOW_CONTROL_ERROR
        | Reason::FRAME_SIZE_ERROR
        | Reason::HTTP_1_1_REQUIRED
        | Reason::INADEQUATE_SECURITY
        | Reason::PROTOCOL_ERROR => UpstreamFailure::Protocol,
        _ => UpstreamFailure::Reset,
    };
    let known = Classification::new(failure.kind(), Some(failure));
    if !error.is_reset() || failure == UpstreamFailure::Refused {
        return Some(known);
    }
    let problem = Problem::new(failure.kind()).with_grpc_code(code_of_reset(reason));
    Some(Classification {
        problem: Some(problem),
        ..known
    })
}

/// gRPC's code for the reset of a stream
/// ([Errors](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors)). Only a refused stream is
/// UNAVAILABLE, as is its kind, since clients send such a call again.
fn code_of_reset(reason: Reason) -> GrpcCode {
    match reason {
        Reason::CANCEL => GrpcCode::Cancelled,
        Reason::ENHANCE_YOUR_CALM => GrpcCode::ResourceExhausted,
        Reason::INADEQUATE_SECURITY => GrpcCode::PermissionDenied,
        _ => GrpcCode::Internal,
    }
}

#[cfg(feature = "envelope")]
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Request;
    use tokio::time::Instant;
    use tower_edge_core::Deadline;

    use super::*;
    use crate::envelope::{UpstreamErrors, problem_of};

    /// The client's error when an upstream resets the stream.
    async fn reset_with(reason: Reason) -> h2::Error {
        let (near, far) = tokio::io::duplex(4096);
        let upstream = tokio::spawn(async move {
            let mut connection = h2::server::handshake(far).await.unwrap();
            let (_, mut respond) = connection.accept().await.unwrap().unwrap();
            respond.send_reset(reason);
            while connection.accept().await.is_some() {}
        });
        let (client, connection) = h2::client::handshake(near).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut client = client.ready().await.unwrap();
        let request = Request::get("http://upstream/").body(()).unwrap();
        let (response, _) = client.send_request(request, true).unwrap();
        let error = response.await.unwrap_err();
        upstream.abort();
        connection.abort();
        error
    }

    // RFC 9113, section 8.7: a refused stream was not processed, and may be tried again.
    #[tokio::test]
    async fn a_refused_stream_is_unavailable_and_another_reset_is_the_upstreams_error() {
        for (reason, kind) in [
            (Reason::REFUSED_STREAM, Kind::Unavailable),
            (Reason::CANCEL, Kind::UpstreamError),
            (Reason::ENHANCE_YOUR_CALM, Kind::UpstreamError),
            (Reason::INTERNAL_ERROR, Kind::UpstreamError),
        ] {
            assert_eq!(
                problem_of(reset_with(reason).await).kind(),
                kind,
                "{reason:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_stream_that_is_reset_at_the_deadline_is_late() {
        let now = Instant::now().into_std();
        let (over, far) = (
            Deadline::at(now),
            Deadline::at(now + Duration::from_secs(60)),
        );

        for (reason, deadline, kind, code) in [
            (
                Reason::CANCEL,
                over,
                Kind::UpstreamTimeout,
                GrpcCode::DeadlineExceeded,
            ),
            (
                Reason::CANCEL,
                far,
                Kind::UpstreamError,
                GrpcCode::Cancelled,
            ),
            (
                Reason::INTERNAL_ERROR,
                over,
                Kind::UpstreamError,
                GrpcCode::Internal,
            ),
        ] {
            let error = reset_with(reason).await;
            let problem = deadline.scope(|| problem_of(error));

            assert_eq!(
                (problem.kind(), problem.grpc_code()),
                (kind, code),
                "{reason:?}"
            );
        }
    }

    // PROTOCOL-HTTP2, Errors: the mapping from RST_STREAM error codes to gRPC error codes.
    #[tokio::test]
    async fn a_reset_stream_has_the_code_of_the_table_in_grpc_and_stays_502_in_http() {
        for (reason, code) in [
            (Reason::NO_ERROR, GrpcCode::Internal),
            (Reason::PROTOCOL_ERROR, GrpcCode::Internal),
            (Reason::INTERNAL_ERROR, GrpcCode::Internal),
            (Reason::FLOW_CONTROL_ERROR, GrpcCode::Internal),
            (Reason::SETTINGS_TIMEOUT, GrpcCode::Internal),
            (Reason::FRAME_SIZE_ERROR, GrpcCode::Internal),
            (Reason::CANCEL, GrpcCode::Cancelled),
            (Reason::COMPRESSION_ERROR, GrpcCode::Internal),
            (Reason::CONNECT_ERROR, GrpcCode::Internal),
            (Reason::ENHANCE_YOUR_CALM, GrpcCode::ResourceExhausted),
            (Reason::INADEQUATE_SECURITY, GrpcCode::PermissionDenied),
        ] {
            let problem = problem_of(reset_with(reason).await);

            assert_eq!(problem.grpc_code(), code, "{reason:?}");
            assert_eq!(
                (problem.status().as_u16(), problem.retry_after()),
                (502, None)
            );
        }
        let cancelled = UpstreamErrors::new("plex").problem_of(reset_with(Reason::CANCEL).await);
        assert_eq!(cancelled.grpc_code(), GrpcCode::Cancelled);
        let refused = problem_of(reset_with(Reason::REFUSED_STREAM).await);
        assert_eq!(refused.grpc_code(), GrpcCode::Unavailable);
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn a_stream_that_is_refused_is_distinguished_from_one_that_is_reset() {
        for (reason, failure) in [
            (Reason::REFUSED_STREAM, UpstreamFailure::Refused),
            (Reason::CANCEL, UpstreamFailure::Reset),
            (Reason::INTERNAL_ERROR, UpstreamFailure::Reset),
            (Reason::PROTOCOL_ERROR, UpstreamFailure::Protocol),
        ] {
            let error = reset_with(reason).await;

            assert_eq!(UpstreamFailure::of(&error), Some(failure), "{reason:?}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_is_lost_is_an_error_of_the_upstream() {
        let (near, far) = tokio::io::duplex(4096);
        drop(far);

        let error = h2::client::handshake::<_>(near).await.err().unwrap();

        assert_eq!(problem_of(error).kind(), Kind::UpstreamError);
    }

    // RFC 9113, section 8.7: it may be tried again whatever its method. gRPC's calls are POST.
    #[cfg(feature = "client")]
    #[tokio::test]
    async fn a_retry_sends_the_body_of_a_refused_stream_again() {
        use std::sync::{Arc, Mutex};

        use bytes::Bytes;
        use http_body_util::{BodyExt, Full};
        use tower::{BoxError, ServiceExt, service_fn};
        use tower_layer::Layer;

        use crate::client::retry::{ReplayBody, RetryLayer};

        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let layer = RetryLayer::new().with_max_wait(Duration::ZERO);
        let client = layer.layer(service_fn(
            move |request: Request<ReplayBody<Full<Bytes>>>| {
                let log = log.clone();
                async move {
                    let body = request.into_body().collect().await?.to_bytes();
                    log.lock().unwrap().push(body);
                    let error = reset_with(Reason::REFUSED_STREAM).await;
                    Err::<http::Response<String>, _>(BoxError::from(error))
                }
            },
        ));
        let post = Request::post("/").body(Full::from("abc")).unwrap();

        client.oneshot(post).await.unwrap_err();

        assert_eq!(*seen.lock().unwrap(), ["abc"; 4]);
    }
}
