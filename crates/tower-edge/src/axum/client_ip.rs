//! The client's address as an axum extractor.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;
use tower_edge_core::{Head, Kind, Problem};

use crate::rate_limit::ClientAddress;

/// The address of the client, as the [`ClientAddress`] in an `Extension` finds it.
///
/// ```
/// use axum::{Extension, Router, body::Body, routing::get};
/// use http::Request;
/// use http_body_util::BodyExt;
/// use tower::ServiceExt;
/// use tower_edge::axum::ClientIp;
/// use tower_edge::rate_limit::ClientAddress;
/// use tower_edge::rate_limit::key::PeerAddress;
///
/// async fn address(ClientIp(address): ClientIp) -> String {
///     address.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The same `ClientAddress` is the key of the rate limit.
/// let client = ClientAddress::CF_CONNECTING_IP.with_trusted_proxies(["192.0.2.0/24".parse()?]);
/// let app = Router::new().route("/", get(address)).layer(Extension(client));
///
/// let request = Request::get("/")
///     .header("cf-connecting-ip", "198.51.100.7")
///     .extension(PeerAddress("192.0.2.1:4711".parse()?));
/// let response = app.oneshot(request.body(Body::empty())?).await?;
///
/// assert_eq!(response.into_body().collect().await?.to_bytes(), "198.51.100.7");
/// # Ok(())
/// # }
/// ```
///
/// Without this extension, and for a client without a known address, the request is rejected with 500.
#[doc(alias("forwarded", "InsecureClientIp", "SecureClientIp", "x-forwarded-for"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let internal = |source| Problem::new(Kind::Internal).with_source(source);
        let client: &ClientAddress = parts.extensions.get().ok_or_else(|| {
            internal("no `ClientAddress` is known: add `.layer(Extension(client_address))`")
        })?;
        let head = Head::new(
            &parts.method,
            &parts.uri,
            parts.version,
            &parts.headers,
            &parts.extensions,
        );
        let address = client.find(head);
        address
            .map(Self)
            .ok_or_else(|| internal("the address of the client is not known"))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use tokio_test::block_on;
    use tower_edge_core::PeerAddress;
    use tower_edge_core::http_ext::error_chain;

    use super::*;

    fn extract(client: Option<ClientAddress>, peer: Option<&str>) -> Result<ClientIp, Problem> {
        let (mut parts, ()) = Request::new(()).into_parts();
        if let Some(peer) = peer {
            parts.extensions.insert(PeerAddress(peer.parse().unwrap()));
        }
        if let Some(client) = client {
            parts.extensions.insert(client);
        }
        block_on(ClientIp::from_request_parts(&mut parts, &()))
    }

    #[test]
    fn a_handler_takes_the_address_and_not_its_network() {
        let ip = extract(Some(ClientAddress::new()), Some("[2001:db8::7]:1")).unwrap();

        assert_eq!(ip, ClientIp("2001:db8::7".parse().unwrap()));
    }

    #[test]
    fn an_address_that_cannot_be_found_is_an_error_with_the_remedy() {
        for (client, peer, remedy) in [
            (None, Some("192.0.2.1:1"), ".layer(Extension("),
            (Some(ClientAddress::new()), None, "is not known"),
        ] {
            let problem = extract(client, peer).unwrap_err();

            assert_eq!(problem.kind(), Kind::Internal);
            let causes: Vec<_> = error_chain(&problem).map(ToString::to_string).collect();
            assert!(causes.concat().contains(remedy), "{causes:?}");
        }
    }
}
