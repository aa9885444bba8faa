use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

use http::HeaderValue;
use http::Request;
use http::Response;
use http::Version as HttpVersion;
use tower_edge_core::Kind;
use tower_edge_core::Problem;
use tower_service::Service;

use super::ResponseFuture;
use super::Version;
use super::rules::Rules;

/// Turns away clients that are too old; see the [module docs](super) for an example.
#[derive(Debug)]
pub struct VersionGate<S, V> {
    inner: S,
    rules: Arc<Rules<V>>,
}

impl<S, V> VersionGate<S, V> {
    pub(super) const fn new(inner: S, rules: Arc<Rules<V>>) -> Self {
        Self { inner, rules }
    }
}

impl<S: Clone, V> Clone for VersionGate<S, V> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            rules: self.rules.clone(),
        }
    }
}

impl<S, V, ReqBody, ResBody> Service<Request<ReqBody>> for VersionGate<S, V>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    V: Version,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        match self.rules.admit(request.headers()) {
            Ok(()) => ResponseFuture::inner(self.inner.call(request)),
            Err(problem) => {
                let upgrade = self.upgrade(&problem, request.version());
                ResponseFuture::refused(problem, upgrade)
            }
        }
    }
}

impl<S, V> VersionGate<S, V> {
    /// A 426 has to have an `Upgrade`, which HTTP/2 forbids and HTTP/1.0 does not know
    /// ([RFC 9110, section 7.8](https://www.rfc-editor.org/rfc/rfc9110#section-7.8),
    /// [RFC 9113, section 8.2.2](https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2)).
    fn upgrade(&self, problem: &Problem, version: HttpVersion) -> Option<HeaderValue> {
        let due = problem.kind() == Kind::VersionOutdated && version == HttpVersion::HTTP_11;
        due.then(|| self.rules.upgrade.clone()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::StatusCode;
    use tokio_test::block_on;
    use tower::ServiceExt;
    use tower::service_fn;
    use tower_edge_core::problem::Facts;
    use tower_layer::Layer;

    use super::super::SemVer;
    use super::super::Staged;
    use super::super::VersionGateLayer;
    use super::*;

    fn answer<V: Clone + Version>(
        layer: &VersionGateLayer<V>,
        request: Request<()>,
    ) -> Response<String> {
        let service = layer.layer(service_fn(async |_| {
            Ok::<_, Infallible>(Response::new(String::from("served")))
        }));
        block_on(service.oneshot(request)).unwrap()
    }

    fn gate() -> VersionGateLayer<SemVer> {
        VersionGateLayer::new("1.2.0".parse().unwrap())
    }

    fn request(version: &[u8]) -> Request<()> {
        let version = HeaderValue::from_bytes(version).unwrap();
        Request::get("/")
            .header("x-client-version", version)
            .body(())
            .unwrap()
    }

    #[test]
    fn serves_the_minimum_later_versions_and_those_that_name_none() {
        for served in [request(b"1.2.0"), request(b"1.10.0"), Request::new(())] {
            assert_eq!(answer(&gate(), served).body(), "served");
        }
    }

    // RFC 9110, section 15.5.22: the server must send an Upgrade in a 426.
    #[test]
    fn an_outdated_client_gets_426_with_upgrade() {
        let response = answer(&gate().with_product("plexichat"), request(b"1.1.9"));

        assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
        assert_eq!(response.headers()["upgrade"], "plexichat/1.2.0");
        assert_eq!(response.headers()["connection"], "upgrade");
        assert_eq!(response.body(), "");
    }

    // RFC 9113, section 8.2.2: connection-specific header fields make a message malformed.
    #[test]
    fn upgrade_is_sent_on_http_1_1_only() {
        for version in [
            HttpVersion::HTTP_10,
            HttpVersion::HTTP_2,
            HttpVersion::HTTP_3,
        ] {
            let mut request = request(b"1.1.9");
            *request.version_mut() = version;

            let response = answer(&gate(), request);

            assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
            assert!(response.headers().is_empty(), "{version:?}");
        }
    }

    #[test]
    fn the_facts_name_the_versions_and_the_update() {
        let gate = VersionGateLayer::<Staged>::new("a.1.0-1".parse().unwrap())
            .with_server_version(&"a.1.0-49".parse().unwrap())
            .with_update_url("https://example.com/update");

        let response = answer(&gate, request(b"a.0.9-1"));

        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(
            problem.message(),
            Some("Client version a.0.9-1 is no longer supported")
        );
        let Some(Facts::Version(facts)) = problem.facts() else {
            panic!("{problem:?}")
        };
        assert_eq!((facts.client(), &*facts.minimum), ("a.0.9-1", "a.1.0-1"));
        assert_eq!(facts.server.as_deref(), Some("a.1.0-49"));
        assert_eq!(
            facts.update_url.as_deref(),
            Some("https://example.com/update")
        );
    }

    #[test]
    fn a_malformed_version_gets_400_and_no_echo() {
        let huge = [b'1'; 4096];
        for bad in [
            b"".as_slice(),
            b"1.2",
            b"latest",
            b"a.1.0-49",
            b"\xff\xfe",
            &huge,
        ] {
            let response = answer(&gate(), request(bad));

            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{bad:?}");
            let problem = response.extensions().get::<Problem>().unwrap();
            assert_eq!(problem.kind(), Kind::VersionMalformed);
            assert_eq!(
                problem.message(),
                Some("Client version has an invalid format")
            );
        }
    }

    #[test]
    fn two_versions_are_none() {
        let mut request = request(b"1.2.0");
        request
            .headers_mut()
            .append("x-client-version", HeaderValue::from_static("1.2.0"));

        assert_eq!(answer(&gate(), request).status(), StatusCode::BAD_REQUEST);
    }
}
