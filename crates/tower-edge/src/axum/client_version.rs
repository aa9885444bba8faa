//! The client's version as an axum extractor.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use tower_edge_core::{Kind, Problem};

use crate::version_gate::ClientVersion;

/// Rejects a request without a client version with 400, as a gate that requires a version does.
///
/// ```
/// use axum::{Router, body::Body, routing::get};
/// use http::Request;
/// use http_body_util::BodyExt;
/// use tower::ServiceExt;
/// use tower_edge::version_gate::{ClientVersion, SemVer, VersionGateLayer};
///
/// async fn version(client: ClientVersion<SemVer>) -> String {
///     client.version().to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let gate = VersionGateLayer::<SemVer>::new("1.2.0".parse()?).with_client_version();
/// let app = Router::new().route("/", get(version)).layer(gate);
///
/// let request = Request::get("/").header("x-client-version", "1.4.0").body(Body::empty())?;
/// let response = app.clone().oneshot(request).await?;
/// assert_eq!(response.into_body().collect().await?.to_bytes(), "1.4.0");
///
/// let request = Request::get("/").body(Body::empty())?;
/// assert_eq!(app.oneshot(request).await?.status(), 400);
/// # Ok(())
/// # }
/// ```
impl<S, V> FromRequestParts<S> for ClientVersion<V>
where
    S: Send + Sync,
    V: Clone + Send + Sync + 'static,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let client = parts.extensions.get().cloned();
        client.ok_or_else(|| {
            Problem::new(Kind::VersionMalformed).with_message("Client version is required")
        })
    }
}

/// `None` if the client sent no version, or the gate passed the request on without one.
impl<S, V> OptionalFromRequestParts<S> for ClientVersion<V>
where
    S: Send + Sync,
    V: Clone + Send + Sync + 'static,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Ok(parts.extensions.get().cloned())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use super::*;
    use crate::version_gate::{SemVer, VersionGateLayer};

    async fn known(parts: &mut Parts) -> Result<Option<ClientVersion<SemVer>>, Problem> {
        <ClientVersion<_> as OptionalFromRequestParts<()>>::from_request_parts(parts, &()).await
    }

    #[test]
    fn a_handler_may_do_without_a_version() {
        let minimum: SemVer = "1.2.0".parse().unwrap();
        let gate = VersionGateLayer::new(minimum).with_client_version();
        let service = gate.layer(service_fn(async |request: Request<()>| {
            let (mut parts, ()) = request.into_parts();
            let client = known(&mut parts).await.unwrap();
            let text = client.map(|client| client.version().to_string());
            Ok::<_, Infallible>(Response::new(text))
        }));

        for version in [Some("1.4.0"), None] {
            let mut request = Request::get("/");
            if let Some(version) = version {
                request = request.header("x-client-version", version);
            }
            let response = block_on(service.clone().oneshot(request.body(()).unwrap())).unwrap();

            assert_eq!(response.body().as_deref(), version);
        }
    }
}
