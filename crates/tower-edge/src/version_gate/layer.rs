use std::sync::Arc;

use http::HeaderName;
use http::HeaderValue;
use tower_layer::Layer;

use super::Version;
use super::VersionGate;
use super::rules::Rules;

/// Turns away clients that are too old; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct VersionGateLayer<V> {
    rules: Arc<Rules<V>>,
}

impl<V: Clone + Version> VersionGateLayer<V> {
    /// A gate that serves this version and later ones, named in `X-Client-Version`.
    #[must_use]
    pub fn new(minimum: V) -> Self {
        let minimum_text: Arc<str> = minimum.to_string().into();
        let upgrade = upgrade("client", &minimum_text);
        let header = HeaderName::from_static("x-client-version");
        Self {
            rules: Arc::new(Rules {
                header,
                minimum,
                minimum_text,
                server: None,
                update_url: None,
                upgrade,
            }),
        }
    }

    /// Sets the field that names the client's version.
    #[must_use]
    pub fn with_header(self, header: HeaderName) -> Self {
        self.with(|rules| rules.header = header)
    }

    /// Sets the name of the client as a protocol, for `Upgrade`; the default is `client`.
    ///
    /// A name that is no [token](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2) is not taken.
    #[must_use]
    pub fn with_product(self, product: &str) -> Self {
        self.with(|rules| {
            rules.upgrade = upgrade(product, &rules.minimum_text).or(rules.upgrade.take());
        })
    }

    /// Names the server's own version in the answer.
    #[must_use]
    pub fn with_server_version(self, server: &V) -> Self {
        self.with(|rules| rules.server = Some(server.to_string().into()))
    }

    /// Names where an update is to be had.
    #[must_use]
    pub fn with_update_url(self, url: &str) -> Self {
        self.with(|rules| rules.update_url = Some(url.into()))
    }

    fn with(mut self, change: impl FnOnce(&mut Rules<V>)) -> Self {
        change(Arc::make_mut(&mut self.rules));
        self
    }
}

impl<S, V> Layer<S> for VersionGateLayer<V> {
    type Service = VersionGate<S, V>;

    fn layer(&self, inner: S) -> VersionGate<S, V> {
        VersionGate::new(inner, self.rules.clone())
    }
}

/// `protocol = protocol-name "/" protocol-version`, both of them tokens
/// ([RFC 9110, section 7.8](https://www.rfc-editor.org/rfc/rfc9110#section-7.8)).
fn upgrade(product: &str, version: &str) -> Option<HeaderValue> {
    let token = |text: &str| !text.is_empty() && text.bytes().all(is_token);
    if token(product) && token(version) {
        HeaderValue::try_from(format!("{product}/{version}")).ok()
    } else {
        None
    }
}

/// `tchar` of [RFC 9110, section 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
