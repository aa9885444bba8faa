use std::net::{IpAddr, Ipv4Addr};
use std::sync::Once;

use http::HeaderName;
use tower_edge_core::Head;
use tower_edge_core::rate_limit::{Key, KeyExtractor};

use super::prefixes::{network, prefix, unwrapped};
use super::{ForwardedField, KeyError};
use crate::Network;
use crate::peer_addr::{TrustedProxies, peer_addr};
use crate::rate_limit::misconfiguration;

/// The address of the client.
///
/// ```
/// use http::Request;
/// use tower_edge::Head;
/// use tower_edge::rate_limit::{ClientAddress, Key, KeyExtractor};
/// use tower_edge::rate_limit::key::PeerAddress;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let address = ClientAddress::new().with_trusted_proxies(["10.0.0.0/8".parse()?]);
/// let request = Request::get("/")
///     .header("x-forwarded-for", "203.0.113.9, 198.51.100.7, 10.0.0.2")
///     .extension(PeerAddress("10.0.0.1:4711".parse()?))
///     .body(())?;
///
/// assert_eq!(address.find(Head::from(&request)), Some("198.51.100.7".parse()?));
/// # Ok(())
/// # }
/// ```
///
/// # The peer
///
/// By default the client is the peer of the connection. Its address is a
/// [`PeerAddress`](tower_edge_core::PeerAddress) in the request's extensions. Without one it is axum's `ConnectInfo`
/// (feature `axum`), which needs `into_make_service_with_connect_info::<SocketAddr>()`, or tonic's `TcpConnectInfo`
/// (feature `tonic-server`). Requests without a known address count as one client, and this is logged as an error. See
/// [`with_unknown`](Self::with_unknown).
///
/// # Behind proxies
///
/// Anybody can send a header field, so only a trusted peer's fields are read. Trust proxies by their
/// [networks](Self::with_trusted_proxies), by their [number](Self::with_trusted_hops), or over a
/// [Unix socket](Self::with_trusted_unix_socket). If no proxy is trusted, every field is ignored, those of the presets
/// included, and a warning is logged.
///
/// - A list ([`X-Forwarded-For` or `Forwarded`](ForwardedField)) is read from the right: past all trusted proxies, to
///   the first address that only the client could choose. An invalid entry ends the search, since it could hide
///   anything, and so does the 32nd. The last address before it then counts.
/// - A field with one address, such as `CF-Connecting-IP`, is read by a preset like
///   [`CF_CONNECTING_IP`](Self::CF_CONNECTING_IP), or by [`from_header`](Self::from_header). The peer has to be
///   trusted. If it is not, or the field is missing, repeated or invalid, the peer's address counts.
///
/// # Groups
///
/// An IPv6 address counts by its /56. Homes get a /56 or a /48, and have all addresses in it
/// ([RFC 6177, section 2](https://www.rfc-editor.org/rfc/rfc6177#section-2),
/// [RIPE-690, section 4.2](https://www.ripe.net/publications/docs/ripe-690/)). An IPv6 address that stands for an IPv4
/// address (mapped, NAT64 under `64:ff9b::/96`, 6to4) counts as the IPv4 address. [`network`](Self::network) returns
/// what is limited, for logs.
///
/// The key is the first address of the network. To [peek](super::super::Store::peek) at a client's quota or to
/// [reset](super::super::Store::reset) it, use that address, such as `2001:db8:1:200::` for `2001:db8:1:2ff::7`.
#[doc(alias(
    "cf-connecting-ip",
    "forwarded",
    "ip address",
    "PeerIpKeyExtractor",
    "SmartIpKeyExtractor",
    "x-forwarded-for",
    "x-real-ip"
))]
#[derive(Clone, Debug)]
pub struct ClientAddress {
    field: ForwardedField,
    ipv4_bits: u8,
    ipv6_bits: u8,
    trusted: Option<TrustedProxies>,
    trusted_hops: usize,
    trusts_unix_socket: bool,
    unknown: UnknownAddress,
}

impl ClientAddress {
    /// The address in `CF-Connecting-IP`, which Cloudflare sets.
    pub const CF_CONNECTING_IP: Self = Self::from_static("cf-connecting-ip");
    /// The address in `CloudFront-Viewer-Address`, which Amazon CloudFront sets if its origin request policy has it.
    /// The port behind it is dropped.
    pub const CLOUDFRONT_VIEWER_ADDRESS: Self = Self::from_static("cloudfront-viewer-address");
    /// The address in `Fly-Client-IP`, which Fly.io sets.
    pub const FLY_CLIENT_IP: Self = Self::from_static("fly-client-ip");
    /// The address in `True-Client-IP`, which Akamai and Cloudflare Enterprise set.
    pub const TRUE_CLIENT_IP: Self = Self::from_static("true-client-ip");
    /// The address in `X-Envoy-External-Address`, which Envoy sets.
    pub const X_ENVOY_EXTERNAL_ADDRESS: Self = Self::from_static("x-envoy-external-address");
    /// The address in `X-Real-IP`, which nginx sets by `proxy_set_header X-Real-IP $remote_addr`.
    pub const X_REAL_IP: Self = Self::from_static("x-real-ip");

    /// The address of the peer, or the address that trusted proxies forward in `X-Forwarded-For`.
    #[must_use]
    pub const fn new() -> Self {
        Self::from_field(ForwardedField::XForwardedFor)
    }

    /// The address in the field of this name, in any case. `x-forwarded-for`, `forwarded` and
    /// `cloudfront-viewer-address` are read in their own syntax, any other field as one address.
    ///
    /// # Errors
    ///
    /// If the name is not a valid field name.
    ///
    /// ```
    /// use tower_edge::rate_limit::ClientAddress;
    ///
    /// let address = ClientAddress::from_header("x-azure-clientip")?.with_trusted_hops(1);
    ///
    /// let error = ClientAddress::from_header("x client").unwrap_err();
    /// assert_eq!(error.to_string(), r#"invalid field name "x client""#);
    /// # Ok::<(), tower_edge::rate_limit::key::KeyError>(())
    /// ```
    pub fn from_header(name: &str) -> Result<Self, KeyError> {
        let error = |_| KeyError(format!("invalid field name {name:?}"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(error)?;
        Ok(Self::from_field(match name.as_str() {
            "forwarded" => ForwardedField::Forwarded,
            "x-forwarded-for" => ForwardedField::XForwardedFor,
            _ => ForwardedField::Address(name),
        }))
    }

    const fn from_static(name: &'static str) -> Self {
        Self::from_field(ForwardedField::Address(HeaderName::from_static(name)))
    }

    const fn from_field(field: ForwardedField) -> Self {
        Self {
            field,
            ipv4_bits: 32,
            ipv6_bits: 56,
            trusted: None,
            trusted_hops: 0,
            trusts_unix_socket: false,
            unknown: UnknownAddress::OneClient,
        }
    }

    /// Sets the field in which trusted proxies forward addresses. The default is `X-Forwarded-For`.
    #[must_use]
    pub fn with_forwarded_field(mut self, field: ForwardedField) -> Self {
        self.field = field;
        self
    }

    /// Groups IPv4 addresses by this many leading bits. The default is 32: each address counts by itself.
    ///
    /// # Errors
    ///
    /// If the bits are not 1 to 32.
    pub fn with_ipv4_prefix(mut self, bits: u8) -> Result<Self, KeyError> {
        self.ipv4_bits = prefix("IPv4", bits, 32)?;
        Ok(self)
    }

    /// Groups IPv6 addresses by this many leading bits. The default is 56.
    ///
    /// # Errors
    ///
    /// If the bits are not 1 to 128.
    pub fn with_ipv6_prefix(mut self, bits: u8) -> Result<Self, KeyError> {
        self.ipv6_bits = prefix("IPv6", bits, 128)?;
        Ok(self)
    }

    /// Trusts the proxies in these networks. They have to be all proxies between the clients and this server, and
    /// nobody else.
    ///
    /// ```
    /// use tower_edge::rate_limit::ClientAddress;
    ///
    /// let address = ClientAddress::new().with_trusted_proxies(["10.0.0.0/8".parse()?, "127.0.0.1".parse()?]);
    /// # let _ = address;
    /// # Ok::<(), tower_edge::NetworkError>(())
    /// ```
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: impl IntoIterator<Item = Network>) -> Self {
        static ALL_TRUSTED: Once = Once::new();

        let proxies = TrustedProxies::new(proxies);
        let is_everybody = || proxies.contains_everybody();
        misconfiguration::report_if(&ALL_TRUSTED, EVERYBODY_IS_TRUSTED, is_everybody);
        self.trusted = Some(proxies).filter(|proxies| !proxies.0.is_empty());
        self
    }

    /// Trusts this many proxies, whatever their addresses are. The peer is the first, as in Express'
    /// [`trust proxy`](https://expressjs.com/en/guide/behind-proxies.html): with 1, the client is the last entry of
    /// `X-Forwarded-For`, with 2 the last but one.
    ///
    /// Every request has to pass this many proxies. A client that can connect to a nearer one chooses its own address.
    #[must_use]
    pub const fn with_trusted_hops(mut self, hops: usize) -> Self {
        self.trusted_hops = hops;
        self
    }

    /// Trusts a peer without an address, which a proxy on a Unix socket has. Where the server listens on TCP too, it
    /// has to provide the addresses of those peers.
    #[must_use]
    pub const fn with_trusted_unix_socket(mut self) -> Self {
        self.trusts_unix_socket = true;
        self
    }

    /// Sets how requests without a known address count. By default they count as one client.
    #[must_use]
    pub const fn with_unknown(mut self, unknown: UnknownAddress) -> Self {
        self.unknown = unknown;
        self
    }

    /// The client's address, before it is grouped; `None` if no address is known.
    #[must_use]
    pub fn find(&self, head: Head<'_>) -> Option<IpAddr> {
        let peer = peer_addr(head.extensions).map(|peer| peer.ip().to_canonical());
        if !self.trusts(peer, 0) {
            self.check_trust(peer, head);
            return peer;
        }
        let mut client = peer;
        let mut hops = self.field.hops(head).zip(1..=MAX_HOPS);
        while let Some((Some(hop), passed)) = hops.next() {
            client = Some(hop);
            if !self.trusts(client, passed) {
                return client;
            }
        }
        if client == peer {
            self.check_field(head);
        }
        client
    }

    /// The network that the client's address counts by, such as `2001:db8:1:200::/56`; `None` if no address is known.
    ///
    /// ```
    /// use http::Request;
    /// use tower_edge::Head;
    /// use tower_edge::rate_limit::ClientAddress;
    /// use tower_edge::rate_limit::key::PeerAddress;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let peer = PeerAddress("[2001:db8:1:2ff::7]:4711".parse()?);
    /// let request = Request::get("/").extension(peer).body(())?;
    ///
    /// let network = ClientAddress::new().network(Head::from(&request));
    /// assert_eq!(network, Some("2001:db8:1:200::/56".parse()?));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn network(&self, head: Head<'_>) -> Option<Network> {
        let client = unwrapped(self.find(head)?);
        Some(Network(network(client, self.ipv4_bits, self.ipv6_bits)))
    }

    /// Whether this address may name the next, after so many others.
    fn trusts(&self, address: Option<IpAddr>, passed: usize) -> bool {
        passed < self.trusted_hops
            || match (address, &self.trusted) {
                (Some(address), Some(trusted)) => trusted.contains(address),
                (address, _) => address.is_none() && self.trusts_unix_socket,
            }
    }

    /// Reports that no address of a peer is known, or that forwarded addresses come and nobody is trusted.
    fn check_trust(&self, peer: Option<IpAddr>, head: Head<'_>) {
        static NO_PEER: Once = Once::new();
        static NONE_TRUSTED: [Once; 2] = [Once::new(), Once::new()];

        let is_preset = matches!(self.field, ForwardedField::Address(_));
        if peer.is_none() {
            misconfiguration::report(&NO_PEER, NO_PEER_IS_KNOWN);
        } else if self.trusted.is_none() && !self.trusts_unix_socket {
            let once = &NONE_TRUSTED[usize::from(is_preset)];
            misconfiguration::report_if(once, NOBODY_IS_TRUSTED, || {
                is_preset || head.headers.contains_key(self.field.name())
            });
        }
    }

    /// Reports that a trusted proxy sends another field than the one that is read.
    fn check_field(&self, head: Head<'_>) {
        static OTHER_FIELD: Once = Once::new();

        misconfiguration::report_if(&OTHER_FIELD, OTHER_FIELD_IS_SENT, || {
            let is_sent = |field: &ForwardedField| head.headers.contains_key(field.name());
            let [one, other] = [ForwardedField::XForwardedFor, ForwardedField::Forwarded];
            !is_sent(&self.field) && (is_sent(&one) || is_sent(&other))
        });
    }
}

impl Default for ClientAddress {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyExtractor for ClientAddress {
    fn key<'a>(&'a self, head: Head<'a>) -> Option<Key<'a>> {
        let network = self.network(head).map(Network::addr);
        let unknown = (self.unknown == UnknownAddress::OneClient).then_some(NOBODY);
        network.or(unknown).map(Key::from)
    }

    fn fields(&self) -> Vec<HeaderName> {
        match &self.field {
            ForwardedField::Address(name) => vec![name.clone()],
            _ => Vec::new(),
        }
    }
}

/// How requests without a known address count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownAddress {
    /// They count as one client. The limit holds, but for all of them together.
    #[default]
    OneClient,
    /// They have no key, and are not limited by it.
    NoKey,
}

/// How many entries of a list are read at most.
const MAX_HOPS: usize = 32;
/// No client has this address: "this host on this network"
/// ([RFC 6890, section 2.2.2](https://www.rfc-editor.org/rfc/rfc6890#section-2.2.2)).
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

const EVERYBODY_IS_TRUSTED: &str = "every network is trusted as a proxy, so that any client can choose its address: pass \
     the networks of your proxies to `with_trusted_proxies`";
const NOBODY_IS_TRUSTED: &str = "no proxy is trusted, so that forwarded addresses are ignored and all clients of a proxy \
     share one quota: pass the networks of your proxies to `with_trusted_proxies`";
const NO_PEER_IS_KNOWN: &str = "the address of the peer is not known, so that clients are not limited each by itself: serve axum by \
     `into_make_service_with_connect_info::<SocketAddr>()`, insert a `PeerAddress` in other servers, and call \
     `with_trusted_unix_socket` behind a Unix socket";
const OTHER_FIELD_IS_SENT: &str = "a trusted proxy sends no address in the field that is read, but in `X-Forwarded-For` or \
     `Forwarded`: set the proxy's field by `with_forwarded_field`";

#[cfg(test)]
mod tests;
