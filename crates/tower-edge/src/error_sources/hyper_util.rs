//! Classifies the errors of hyper, and of hyper-util's client.

use std::error::Error;

use hyper_util::client::legacy;
use tower_edge_core::Kind;

use super::classify::Classification;
use super::failure::UpstreamFailure;

pub(super) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    if let Some(error) = error.downcast_ref::<legacy::Error>() {
        return Some(if error.is_connect() {
            Classification::new(
                Kind::UpstreamUnreachable,
                Some(UpstreamFailure::Unreachable),
            )
        } else if is_of_the_request(error) {
            Classification::new(Kind::BadRequest, None)
        } else {
            Classification::new(Kind::UpstreamError, None)
        });
    }
    let error = error.downcast_ref::<hyper::Error>()?;
    let failure = if error.is_timeout() {
        UpstreamFailure::Timeout
    } else if error.is_user() {
        // An error of this process or of the client.
        return Some(Classification::new(Kind::Internal, None));
    } else if error.is_canceled() {
        UpstreamFailure::Cancelled
    } else if error.is_parse() {
        UpstreamFailure::Protocol
    } else {
        // If the error has a source, that one is more precise.
        UpstreamFailure::Reset
    };
    Some(Classification::new(failure.kind(), Some(failure)))
}

/// Whether the request's own body failed while it was sent on. That is an error of the client, not of the upstream.
fn is_of_the_request(error: &legacy::Error) -> bool {
    let source = error
        .source()
        .and_then(|source| source.downcast_ref::<hyper::Error>());
    source.is_some_and(hyper::Error::is_user)
}

#[cfg(feature = "envelope")]
#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use bytes::Bytes;
    use http_body::{Body, Frame};
    use http_body_util::{Empty, Full, Limited};
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::envelope::problem_of;

    async fn error_of_get(uri: String) -> legacy::Error {
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        client.get(uri.parse().unwrap()).await.unwrap_err()
    }

    async fn kind_of_get(uri: String) -> Kind {
        problem_of(error_of_get(uri).await).kind()
    }

    /// The failure of a request to an upstream that writes these bytes and closes the connection.
    async fn failure_after(written: &'static [u8]) -> Option<UpstreamFailure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let upstream = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(written).await.unwrap();
        });
        let error = error_of_get(uri).await;
        upstream.await.unwrap();
        UpstreamFailure::of(&error)
    }

    #[tokio::test]
    async fn the_failures_of_an_upstream_are_distinguished() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let of = async |uri: &str| UpstreamFailure::of(&error_of_get(uri.to_owned()).await);

        assert_eq!(of(&closed).await, Some(UpstreamFailure::Unreachable));
        assert_eq!(of("http://a..b/").await, Some(UpstreamFailure::Dns));
        assert_eq!(failure_after(b"").await, Some(UpstreamFailure::Reset));
        assert_eq!(
            failure_after(b"HTTP/1.1 what?\r\n\r\n").await,
            Some(UpstreamFailure::Protocol)
        );
    }

    #[tokio::test]
    async fn a_port_that_nobody_listens_on_is_unreachable() {
        let address = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();

        assert_eq!(
            kind_of_get(format!("http://{address}")).await,
            Kind::UpstreamUnreachable
        );
    }

    /// A body that breaks off before its first byte.
    struct Broken;

    impl Body for Broken {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
        }
    }

    #[tokio::test]
    async fn a_request_whose_body_fails_is_the_clients_fault() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let client = Client::builder(TokioExecutor::new()).build_http();
        let request = http::Request::post(uri).body(Broken).unwrap();

        let response = tokio::time::timeout(Duration::from_secs(5), client.request(request)).await;

        let error = response.unwrap().unwrap_err();
        assert_eq!(classify(&error).unwrap().kind, Kind::BadRequest);
    }

    #[tokio::test]
    async fn a_connection_that_is_lost_is_an_error_of_the_upstream() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let upstream = tokio::spawn(async move { drop(listener.accept().await) });

        assert_eq!(kind_of_get(uri).await, Kind::UpstreamError);
        upstream.await.unwrap();
    }

    #[tokio::test]
    async fn a_request_that_is_too_long_to_send_on_is_too_large() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let client = Client::builder(TokioExecutor::new()).build_http();
        let body = Limited::new(Full::<Bytes>::from("too long"), 3);
        let request = http::Request::post(uri).body(body).unwrap();

        let response = tokio::time::timeout(Duration::from_secs(5), client.request(request)).await;

        let problem = problem_of(response.unwrap().unwrap_err());
        assert_eq!(problem.kind(), Kind::ContentTooLarge);
    }
}
