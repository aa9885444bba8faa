use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;

use http::header::{CONNECTION, HOST, UPGRADE};
use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use tower_edge_core::CorrelationId;

use super::hop_by_hop::{join, remove_hop_by_hop};
use super::{RequestFields, Via, max_forwards};
use crate::Network;
use crate::peer_addr::{TrustedProxies, peer_addr};

/// Rewrites header fields as a reverse proxy does.
///
/// The upstream receives these fields of a request:
///
/// - the allowed [`RequestFields`], and no hop-by-hop field;
/// - `X-Forwarded-For`: the address of the peer. The server puts it into the request's extensions as a
///   [`PeerAddress`](tower_edge_core::PeerAddress); the features `axum` and `tonic-server` add the address that axum
///   or tonic stored. If the peer is a [trusted proxy](Self::with_trusted_proxies), its address is appended to those
///   that it sent. Addresses from other peers are dropped, since a client can make them up;
/// - `X-Forwarded-Host`, the requested host, and `X-Forwarded-Proto`, the served scheme. A trusted proxy's own values
///   stay, and so does its `X-Forwarded-Port`. Those of other peers are dropped, even if the fields are allowed;
/// - [`Via`];
/// - `Max-Forwards` of `OPTIONS` and `TRACE`, decremented. If it is 0, the proxy itself responds ([RFC 9110, section
///   7.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.2)): 204 to `OPTIONS` and 405 to `TRACE`, both with
///   `Allow`. If it is not a number, the proxy responds with 400;
/// - `X-Correlation-ID`, if the request's extensions have a [`CorrelationId`], whatever the client sent.
///
/// The client receives a response without hop-by-hop fields, and with [`Via`]. One hop-by-hop field stays: over
/// HTTP/1.1, a 426 has to name the protocols in `Upgrade` ([RFC 9110, section
/// 15.5.22](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22)).
///
/// ```
/// use std::ops::ControlFlow;
///
/// use http::{Request, Response, Version};
/// use tower_edge::forward::{Forwarder, PeerAddress};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let forwarder = Forwarder::new().with_trusted_proxies(["10.0.0.0/8".parse()?]);
/// let mut request = Request::get("/")
///     .header("host", "shop.example")
///     .header("true-client-ip", "192.0.2.1")
///     .header("x-forwarded-for", "203.0.113.9")
///     .extension(PeerAddress("10.0.0.1:4711".parse()?))
///     .body(())?;
///
/// let ControlFlow::Continue(()) = forwarder.prepare_request::<_, ()>(&mut request) else {
///     panic!("it is for the upstream");
/// };
///
/// let headers = request.headers();
/// assert_eq!(headers["x-forwarded-for"], "203.0.113.9, 10.0.0.1");
/// assert_eq!(headers["x-forwarded-host"], "shop.example");
/// assert_eq!(headers["x-forwarded-proto"], "http");
/// assert_eq!(headers["via"], "1.1 tower-edge");
/// assert_eq!(headers.len(), 4);
///
/// let mut response = Response::builder().header("keep-alive", "timeout=5").body(())?;
/// forwarder.prepare_response(request.version(), &mut response);
///
/// assert_eq!(response.headers()["via"], "1.1 tower-edge");
/// assert!(!response.headers().contains_key("keep-alive"));
/// # Ok(())
/// # }
/// ```
#[doc(alias("forwarded", "reverse proxy", "x-forwarded-for"))]
#[derive(Clone, Debug)]
pub struct Forwarder {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
struct Settings {
    fields: RequestFields,
    scheme: HeaderValue,
    trusted: TrustedProxies,
    via: Via,
}

impl Forwarder {
    /// A proxy that serves `http`, trusts no other proxy, and forwards the default [`RequestFields`].
    #[must_use]
    pub fn new() -> Self {
        let settings = Settings {
            fields: RequestFields::new(),
            scheme: HeaderValue::from_static("http"),
            trusted: TrustedProxies::default(),
            via: Via::default(),
        };
        Self {
            settings: Arc::new(settings),
        }
    }

    /// Sets which fields of requests reach the upstream.
    #[must_use]
    pub fn with_fields(mut self, fields: RequestFields) -> Self {
        Arc::make_mut(&mut self.settings).fields = fields;
        self
    }

    /// Sets the scheme that is served; `http` by default. The request itself has no trustworthy value for it.
    #[must_use]
    pub fn with_scheme(mut self, scheme: &Scheme) -> Self {
        if let Ok(scheme) = HeaderValue::from_str(scheme.as_str()) {
            Arc::make_mut(&mut self.settings).scheme = scheme;
        }
        self
    }

    /// Keeps the `X-Forwarded-For`, `-Host`, `-Proto` and `-Port` of these peers; of none by default.
    ///
    /// The peers have to be proxies that write or remove these fields themselves.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: impl IntoIterator<Item = Network>) -> Self {
        Arc::make_mut(&mut self.settings).trusted = TrustedProxies::new(proxies);
        self
    }

    /// Sets the proxy's name in `Via`.
    #[must_use]
    pub fn with_via(mut self, via: Via) -> Self {
        Arc::make_mut(&mut self.settings).via = via;
        self
    }

    /// Rewrites the fields of a request for the upstream, or breaks with a response if the request is not for the
    /// upstream.
    pub fn prepare_request<B, R: Default>(
        &self,
        request: &mut Request<B>,
    ) -> ControlFlow<Response<R>> {
        max_forwards::count_down(request)?;
        // The host is read before anything is removed: a client may name `Host` in `Connection`.
        let host = requested_host(request);
        let peer = peer_addr(request.extensions()).map(|peer| peer.ip().to_canonical());
        let id = request.extensions().get::<CorrelationId>();
        let id = id.map(|id| id.header_value().clone());
        let received = request.version();

        let headers = request.headers_mut();
        self.write_forwarded(headers, peer, host);
        self.settings.via.append_to(headers, received);
        if let Some(id) = id {
            headers.insert(&X_CORRELATION_ID, id);
        }
        ControlFlow::Continue(())
    }

    /// Rewrites the fields of a response for the client. `client` is the version of the client's request; the version
    /// of the response has to be the upstream's.
    pub fn prepare_response<B>(&self, client: Version, response: &mut Response<B>) {
        let received = response.version();
        let is_426 = response.status() == StatusCode::UPGRADE_REQUIRED;
        let headers = response.headers_mut();
        join(headers, &UPGRADE, b", ");
        // HTTP/2 forbids the field, and HTTP/1.0 does not know it: RFC 9113, section 8.2.2, and RFC 9110, section 7.8.
        let protocols = headers.get(UPGRADE).cloned();
        let protocols = protocols.filter(|_| is_426 && client == Version::HTTP_11);
        remove_hop_by_hop(headers);
        if let Some(protocols) = protocols {
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(UPGRADE, protocols);
        }
        self.settings.via.append_to(headers, received);
    }

    fn write_forwarded(
        &self,
        headers: &mut HeaderMap,
        peer: Option<IpAddr>,
        host: Option<HeaderValue>,
    ) {
        let is_trusted = peer.is_some_and(|peer| self.settings.trusted.contains(peer));
        let fields = &self.settings.fields;
        fields.retain_or(headers, |name| is_trusted && X_FORWARDED.contains(name));
        let [forwarded_for, forwarded_host, _, forwarded_proto] = &X_FORWARDED;
        if !is_trusted {
            // They may be allowed, and no client chooses them.
            for name in &X_FORWARDED {
                headers.remove(name);
            }
        }
        if let Some(Ok(peer)) = peer.map(|peer| HeaderValue::try_from(peer.to_string())) {
            headers.append(forwarded_for, peer);
            join(headers, forwarded_for, b", ");
        }
        if let Some(host) = host.filter(|_| !headers.contains_key(forwarded_host)) {
            headers.insert(forwarded_host, host);
        }
        if !headers.contains_key(forwarded_proto) {
            headers.insert(forwarded_proto, self.settings.scheme.clone());
        }
    }
}

impl Default for Forwarder {
    fn default() -> Self {
        Self::new()
    }
}

/// The requested host; in HTTP/2 it is `:authority`.
fn requested_host<B>(request: &Request<B>) -> Option<HeaderValue> {
    match request.uri().authority() {
        // User information is not part of the host.
        Some(authority) => {
            let host = authority.as_str().rsplit('@').next()?;
            HeaderValue::from_str(host).ok()
        }
        None => request.headers().get(HOST).cloned(),
    }
}

static X_FORWARDED: [HeaderName; 4] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-proto"),
];
static X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

#[cfg(test)]
mod tests;
