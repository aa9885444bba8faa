//! The errors of hyper, and of hyper-util's client.

use std::error::Error;

use hyper_util::client::legacy;
use tower_edge_core::Kind;

pub(crate) fn kind_of(error: &(dyn Error + 'static)) -> Option<Kind> {
    if let Some(error) = error.downcast_ref::<legacy::Error>() {
        let unreachable = error.is_connect();
        return Some(if unreachable {
            Kind::UpstreamUnreachable
        } else {
            Kind::UpstreamError
        });
    }
    error.downcast_ref::<hyper::Error>().map(|error| {
        if error.is_timeout() {
            Kind::UpstreamTimeout
        } else if error.is_user() {
            Kind::Internal
        } else {
            Kind::UpstreamError
        }
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::Empty;
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;
    use tokio::net::TcpListener;

    use super::*;
    use crate::envelope::problem_of;

    async fn kind_of_get(uri: String) -> Kind {
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        problem_of(client.get(uri.parse().unwrap()).await.unwrap_err()).kind()
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
    async fn a_connection_that_is_lost_is_an_error_of_the_upstream() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let upstream = tokio::spawn(async move { drop(listener.accept().await) });

        assert_eq!(kind_of_get(uri).await, Kind::UpstreamError);
        upstream.await.unwrap();
    }
}
