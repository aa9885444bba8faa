use std::sync::Arc;

use http::header::{CACHE_CONTROL, VARY};
use http::response::Parts;
use http::{HeaderName, HeaderValue};
use tower_edge_core::http_ext::{FieldNames, SingleHeader, is_preflight, is_token};
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{Kind, Problem};
use tower_layer::Layer;

use super::VersionPolicyError;
use super::policy::{ensure, is_visible};
use crate::driver::{
    Decision, Driver, EdgeLayer, EdgeService, Gate, RequestHead, Sealed, WriteHead,
};
use crate::telemetry;

/// Rejects requests for a version of the API or protocol that the service does not support.
///
/// ```
/// use http::{HeaderName, Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::version_gate::{RequestedVersion, SupportedVersionsLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let header = HeaderName::from_static("mcp-protocol-version");
/// let layer = SupportedVersionsLayer::new(header, ["2025-06-18", "2025-03-26"])?;
/// let service = ServiceBuilder::new().layer(layer).service(service_fn(
///     async |request: Request<()>| {
///         let version = request.extensions().get::<RequestedVersion>().cloned();
///         Ok::<_, std::convert::Infallible>(Response::new(version.map(|version| version.as_str().to_owned())))
///     },
/// ));
/// let send = |version: &str| {
///     let request = Request::get("/").header("mcp-protocol-version", version).body(());
///     service.clone().oneshot(request.unwrap())
/// };
///
/// assert_eq!(send("1999-01-01").await?.status(), 400);
/// assert_eq!(send("2025-03-26").await?.body().as_deref(), Some("2025-03-26"));
/// # Ok(())
/// # }
/// ```
///
/// | | a supported version, or none | another version |
/// |---|---|---|
/// | inner service | is called | is not called |
/// | request fields read | the field of the version | the same |
/// | request extensions written | a [`RequestedVersion`] | none |
/// | status | the inner service's | 400 |
/// | response fields written | none | `Cache-Control` and `Vary` |
/// | response extensions written | none | a [`Problem`] |
///
/// The version is in a header field, such as `MCP-Protocol-Version`, `Stripe-Version` or `Anthropic-Version`. It is
/// compared as text. An unsupported version is 400 with the [`Problem`] kind
/// [`VersionUnsupported`](Kind::VersionUnsupported). Its details are `supported`, and `requested` where that is a
/// token. A field that occurs twice is unsupported. The message names the fault and the supported versions, for formats
/// without details.
///
/// A request without the field passes, unless it is [`required`](Self::required); so does one with an empty field, and
/// a CORS-preflight request. A supported version is added to the request's extensions as a [`RequestedVersion`].
///
/// The layer has no dry run: begin with all versions that clients use. For versions that are compared by number, such
/// as those of a path or a media type, take a [`VersionGateLayer`](super::VersionGateLayer) of
/// [`AppVersion`](super::AppVersion): it has a minimum and a maximum, other extractors and a dry run.
#[doc(alias("api version", "api versioning"))]
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct SupportedVersionsLayer {
    driver: Driver<SupportedVersions>,
}

impl SupportedVersionsLayer {
    /// Supports these versions. Clients receive them in this order.
    ///
    /// # Errors
    ///
    /// If there is no version, if a version is not 1 to 64 visible ASCII characters, or if a version occurs twice.
    pub fn new<T: Into<Arc<str>>>(
        header: HeaderName,
        versions: impl IntoIterator<Item = T>,
    ) -> Result<Self, VersionPolicyError> {
        let versions = versions.into_iter();
        let supported: Vec<_> = versions.map(|it| RequestedVersion(it.into())).collect();
        let none = format_args!("[]");
        ensure(!supported.is_empty(), "versions", none, "at least one")?;
        for (index, version) in supported.iter().enumerate() {
            let is_new = !supported.iter().take(index).any(|other| other == version);
            let text = version.as_str();
            let expected = "1 to 64 visible ASCII characters, and each version once";
            ensure(is_new && is_visible(text), "version", text, expected)?;
        }
        Ok(Self {
            driver: Driver::new(SupportedVersions {
                header,
                is_required: false,
                supported: supported.into(),
            }),
        })
    }

    /// Rejects requests without the field too.
    pub fn required(self) -> Self {
        Self {
            driver: self.driver.with(|gate| gate.is_required = true),
        }
    }
}

impl<S> Layer<S> for SupportedVersionsLayer {
    type Service = EdgeService<S, SupportedVersions>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl EdgeLayer for SupportedVersionsLayer {
    type Gate = SupportedVersions;

    fn into_gate(self) -> SupportedVersions {
        self.driver.into_gate()
    }
}

/// The supported version that a request is for: an extension of the request.
///
/// See [`SupportedVersionsLayer`] for an example. Clones are cheap.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestedVersion(Arc<str>);

impl RequestedVersion {
    /// The version.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The gate of a [`SupportedVersionsLayer`].
#[derive(Clone, Debug)]
pub struct SupportedVersions {
    header: HeaderName,
    is_required: bool,
    supported: Arc<[RequestedVersion]>,
}

impl SupportedVersions {
    /// Some formats have no details, so the message has the versions too.
    #[cold]
    fn reject(&self, requested: Option<&HeaderValue>, fault: &str) -> Problem {
        let text = requested.and_then(|requested| requested.to_str().ok());
        let text = text.filter(|text| text.len() <= MAX_LENGTH && is_token(text));
        telemetry::version_gate::record_unsupported(&self.header, text);
        let (header, supported) = (&self.header, self.supported.iter());
        let supported: Vec<_> = supported.map(RequestedVersion::as_str).collect();
        let versions = supported.join(", ");
        let problem = Problem::new(Kind::VersionUnsupported).with_detail("supported", &supported);
        let fault = match text {
            Some(text) => format!("{header} {text} {fault}"),
            None if requested.is_some() => format!("{header} has an invalid format"),
            None => format!("{header} {fault}"),
        };
        let problem = problem.with_message(format!("{fault} (supported: {versions})"));
        match text {
            Some(text) => problem.with_detail("requested", text),
            None => problem,
        }
    }
}

impl Sealed for SupportedVersions {}

impl Gate for SupportedVersions {
    /// Whether the request is rejected.
    type State = bool;
    type Pending = Never<()>;
    type Timer = ();

    fn add_field_names(&self, names: &mut FieldNames) {
        names.add(&self.header);
    }

    fn decide(&self, is_rejected: &mut bool, request: &mut RequestHead<'_>) -> Decision<Never<()>> {
        let (requested, fault) = match request.head().field(&self.header) {
            SingleHeader::One(value) if !value.is_empty() => (Some(value), "is not supported"),
            SingleHeader::Many => (None, "was sent more than once"),
            _ if !self.is_required || is_preflight(request.head()) => return Decision::Admit,
            _ => (None, "is required"),
        };
        let is_requested = |version: &&RequestedVersion| {
            requested.is_some_and(|requested| requested == version.as_str())
        };
        if let Some(version) = self.supported.iter().find(is_requested) {
            request.extensions.insert(version.clone());
            return Decision::Admit;
        }
        *is_rejected = true;
        Decision::Reject(self.reject(requested, fault))
    }
}

impl WriteHead for SupportedVersions {
    fn write_head(&self, is_rejected: &mut bool, head: &mut Parts, _: Option<&mut Problem>) {
        if *is_rejected {
            let no_store = HeaderValue::from_static("no-store");
            head.headers.insert(CACHE_CONTROL, no_store);
            head.headers.append(VARY, self.header.clone().into());
        }
    }
}

const MAX_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{Method, Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};

    use super::*;

    const STRIPE: HeaderName = HeaderName::from_static("stripe-version");

    fn layer() -> SupportedVersionsLayer {
        SupportedVersionsLayer::new(STRIPE, ["2025-03-31.basil", "2024-06-20"]).unwrap()
    }

    fn send(layer: &SupportedVersionsLayer, versions: &[&[u8]]) -> Response<String> {
        response_to(layer, request(versions))
    }

    fn request(versions: &[&[u8]]) -> Request<()> {
        let mut request = Request::new(());
        for version in versions {
            let version = HeaderValue::from_bytes(version).unwrap();
            request.headers_mut().append(STRIPE, version);
        }
        request
    }

    fn response_to(layer: &SupportedVersionsLayer, request: Request<()>) -> Response<String> {
        let service = layer.layer(service_fn(async |request: Request<()>| {
            let version = request.extensions().get::<RequestedVersion>();
            let version = version.map_or("none", RequestedVersion::as_str);
            Ok::<_, Infallible>(Response::new(version.to_owned()))
        }));
        block_on(service.oneshot(request)).unwrap()
    }

    fn details(response: &Response<String>) -> String {
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.kind(), Kind::VersionUnsupported);
        format!("{:?}", problem.details())
    }

    #[test]
    fn a_supported_version_is_in_the_extensions() {
        for version in ["2025-03-31.basil", "2024-06-20"] {
            assert_eq!(send(&layer(), &[version.as_bytes()]).body(), version);
        }
    }

    #[test]
    fn an_unsupported_version_is_400_with_the_supported_ones() {
        let response = send(&layer(), &[b"1999-01-01"]);

        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["vary"], "stripe-version");
        let problem = response.extensions().get::<Problem>().unwrap();
        let message =
            "stripe-version 1999-01-01 is not supported (supported: 2025-03-31.basil, 2024-06-20)";
        assert_eq!(problem.message(), Some(message));
        let details = details(&response);
        for part in ["supported", "2025-03-31.basil", "requested", "1999-01-01"] {
            assert!(details.contains(part), "{part}: {details}");
        }
    }

    #[test]
    fn what_is_not_a_token_or_is_sent_twice_is_not_echoed() {
        let long = [b'1'; 65];
        for versions in [
            &[&b"<script>"[..]][..],
            &[b"\xff"],
            &[b"2024-06-20 "],
            &[&long],
            &[b"2024-06-20", b"2024-06-20"],
        ] {
            let response = send(&layer(), versions);

            assert_eq!(response.status(), 400, "{versions:?}");
            assert!(!details(&response).contains("requested"), "{versions:?}");
        }
    }

    #[test]
    fn the_message_names_the_fault() {
        for (versions, fault) in [
            (
                &[&b"1999-01-01"[..]][..],
                "stripe-version 1999-01-01 is not supported",
            ),
            (&[b"<script>"], "stripe-version has an invalid format"),
            (
                &[b"2024-06-20", b"2024-06-20"],
                "stripe-version was sent more than once",
            ),
            (&[], "stripe-version is required"),
        ] {
            let response = send(&layer().required(), versions);

            let message = response.extensions().get::<Problem>().unwrap().message();
            let supported = "(supported: 2025-03-31.basil, 2024-06-20)";
            assert_eq!(message, Some(&*format!("{fault} {supported}")));
        }
    }

    #[test]
    fn a_missing_version_passes_unless_it_is_required() {
        for versions in [&[][..], &[&b""[..]]] {
            assert_eq!(send(&layer(), versions).body(), "none");
            assert_eq!(send(&layer().required(), versions).status(), 400);
        }
    }

    // https://fetch.spec.whatwg.org/#cors-preflight-request
    #[test]
    fn a_preflight_passes() {
        let mut preflight = request(&[]);
        *preflight.method_mut() = Method::OPTIONS;
        for name in ["origin", "access-control-request-method"] {
            let value = HeaderValue::from_static("GET");
            preflight.headers_mut().insert(name, value);
        }

        let response = response_to(&layer().required(), preflight);

        assert_eq!(response.body(), "none");
    }

    #[test]
    fn versions_that_no_client_can_send_are_rejected() {
        let long = "1".repeat(65);
        for (versions, expected) in [
            (&[][..], "invalid versions []: expected at least one"),
            (&[""], "invalid version \"\": expected 1 to 64"),
            (&["a b"], "invalid version \"a b\": expected 1 to 64"),
            (&["ä"], "invalid version \"ä\": expected 1 to 64"),
            (&[&*long], "invalid version \"111"),
            (&["1", "2", "1"], "invalid version \"1\": expected 1 to 64"),
        ] {
            let layer = SupportedVersionsLayer::new(STRIPE, versions.iter().copied());
            let error = layer.unwrap_err().to_string();

            assert!(error.starts_with(expected), "{error}");
        }
    }
}
