//! Classifies the errors of reqwest.

use std::error::Error;

use tower_edge_core::Kind;

use super::classify::Classification;
use super::failure::UpstreamFailure;

pub(super) fn classify(error: &(dyn Error + 'static)) -> Option<Classification> {
    let error = error.downcast_ref::<reqwest::Error>()?;
    // A timeout while connecting is both, so the timeout is tested first.
    let (kind, failure) = if error.is_timeout() {
        (Kind::UpstreamTimeout, Some(UpstreamFailure::Timeout))
    } else if error.is_connect() {
        (
            Kind::UpstreamUnreachable,
            Some(UpstreamFailure::Unreachable),
        )
    } else if error.is_builder() {
        (Kind::Internal, None)
    } else {
        (Kind::UpstreamError, None)
    };
    Some(Classification::new(kind, failure))
}

#[cfg(feature = "envelope")]
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;
    use crate::envelope::problem_of;

    async fn error_of_get(uri: String) -> reqwest::Error {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_millis(50))
            .no_proxy()
            .build()
            .unwrap();
        client.get(uri).send().await.unwrap_err()
    }

    async fn kind_of_get(uri: String) -> Kind {
        problem_of(error_of_get(uri).await).kind()
    }

    #[tokio::test]
    async fn the_failures_of_an_upstream_are_distinguished() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let (silent, closed) = (uri(&silent), uri(&{ closed }));

        for (uri, failure) in [
            (closed, UpstreamFailure::Unreachable),
            ("http://a..b/".to_owned(), UpstreamFailure::Dns),
            (silent, UpstreamFailure::Timeout),
        ] {
            let error = error_of_get(uri.clone()).await;

            assert_eq!(UpstreamFailure::of(&error), Some(failure), "{uri}");
        }
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

    #[tokio::test]
    async fn an_upstream_that_does_not_respond_is_a_timeout() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();

        let kind = kind_of_get(format!("http://{}", listener.local_addr().unwrap())).await;

        assert_eq!(kind, Kind::UpstreamTimeout);
    }
}
