use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::HeaderName;
use tower_edge_core::http_ext::SingleHeader;
use tower_edge_core::{CorrelationId, GenerateId, Head, TraceParent};

use super::Ids;

/// What a layer was told; shared by all clones of the service.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) accepts: Option<Arc<Accepts>>,
    pub(super) generator: Option<Arc<Generator>>,
    /// What responses carry.
    pub(super) header: HeaderName,
    /// What is read, in this order.
    pub(super) names: Cow<'static, [HeaderName]>,
    pub(super) on_invalid: OnInvalid,
    pub(super) trace_id: bool,
    pub(super) trust: Trust,
    pub(super) upstream_header: Option<HeaderName>,
}

/// What is done with a request that has an id which is not valid, and no other.
#[derive(Clone, Copy, Debug)]
pub(super) enum OnInvalid {
    /// It gets an id, as if it had none.
    Replace,
    /// The response is 400, with a problem whose detail `header` names the field. What it held is not repeated.
    Refuse,
    /// An envelope further in responds with the same, in the format of the request.
    RefuseInside,
}

type Accepts = dyn Fn(&CorrelationId) -> bool + Send + Sync;
type Generator = dyn GenerateId + Send + Sync;

/// The id that a request goes by.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) id: CorrelationId,
    /// The id that the client gave it and that was not trusted.
    pub(super) client: Option<CorrelationId>,
    /// The field that has no valid id.
    pub(super) invalid: Option<&'a HeaderName>,
}

/// What a request says of its id.
#[derive(Debug)]
enum Incoming<'a> {
    /// Nothing.
    Absent,
    /// Something, but nothing valid; in this field, the first of such.
    Invalid(&'a HeaderName),
    Valid(CorrelationId),
}

impl Settings {
    #[inline]
    pub(super) fn name(&self, request: Head<'_>, now: Instant) -> Named<'_> {
        let (client, invalid) = match self.incoming(request) {
            Incoming::Valid(id) if self.trust.trusts(request) => {
                return Named {
                    id,
                    client: None,
                    invalid: None,
                };
            }
            Incoming::Valid(id) => (Some(id), None),
            Incoming::Invalid(name) => (None, Some(name)),
            Incoming::Absent => (None, None),
        };
        Named {
            id: self.generate(now),
            client,
            invalid,
        }
    }

    fn generate(&self, now: Instant) -> CorrelationId {
        match &self.generator {
            None => Ids::hex_at(now),
            Some(generator) => generator.generate(),
        }
    }

    /// The first valid id, in the order of the names.
    fn incoming(&self, request: Head<'_>) -> Incoming<'_> {
        let mut invalid = None;
        for name in self.names.iter() {
            let field = request.field(name);
            match self.of_field(field) {
                Some(id) => return Incoming::Valid(id),
                None if field != SingleHeader::Missing => invalid = invalid.or(Some(name)),
                None => {}
            }
        }
        if self.trace_id
            && let Some(parent) = TraceParent::from_headers(request.headers)
        {
            return Incoming::Valid(CorrelationId::from_u128(parent.trace_id()));
        }
        invalid.map_or(Incoming::Absent, Incoming::Invalid)
    }

    fn of_field(&self, field: SingleHeader<'_>) -> Option<CorrelationId> {
        let id = CorrelationId::parse(field.one()?)?;
        let accepted = self.accepts.as_ref().is_none_or(|accepts| accepts(&id));
        accepted.then_some(id)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            accepts: None,
            generator: None,
            header: X_CORRELATION_ID,
            names: Cow::Borrowed(&NAMES),
            on_invalid: OnInvalid::Replace,
            trace_id: false,
            trust: Trust::always(),
            upstream_header: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("header", &self.header)
            .field("names", &self.names)
            .field("trace_id", &self.trace_id)
            .field("trust", &self.trust)
            .field("upstream_header", &self.upstream_header)
            .finish_non_exhaustive()
    }
}

/// Whether an id is taken from whoever sends the request.
///
/// Where clients are strangers, one of them can send the id of somebody else, or the same one a
/// million times, and spoil the search in the logs. An id that is not trusted is kept as
/// [`ClientCorrelationId`](super::ClientCorrelationId), and the request gets one of ours.
///
/// ```
/// use std::net::{IpAddr, SocketAddr};
/// use tower_edge::correlation_id::{CorrelationIdLayer, PeerAddress, Trust};
///
/// let from_our_proxy = Trust::when(|request| {
///     let peer = request.extensions.get::<PeerAddress>();
///     peer.is_some_and(|PeerAddress(peer)| peer.ip() == IpAddr::from([10, 0, 0, 1]))
/// });
/// let layer = CorrelationIdLayer::new().with_trust(from_our_proxy);
/// # let _ = layer;
/// ```
#[derive(Clone)]
pub struct Trust(Whom);

#[derive(Clone)]
enum Whom {
    Everybody,
    Nobody,
    Some(Arc<Predicate>),
}

type Predicate = dyn Fn(Head<'_>) -> bool + Send + Sync;

impl Trust {
    /// Every id that is valid is taken: right behind a proxy that sets it, and the default.
    #[must_use]
    pub const fn always() -> Self {
        Self(Whom::Everybody)
    }

    /// No id is taken: right at the open internet.
    #[must_use]
    pub const fn never() -> Self {
        Self(Whom::Nobody)
    }

    /// The ids of those requests are taken of which this is true: by their peer, a header, or what an
    /// outer layer has put into their extensions. It is asked only about requests with a valid id.
    #[must_use]
    pub fn when(trusts: impl Fn(Head<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Whom::Some(Arc::new(trusts)))
    }

    fn trusts(&self, request: Head<'_>) -> bool {
        match &self.0 {
            Whom::Everybody => true,
            Whom::Nobody => false,
            Whom::Some(trusts) => trusts(request),
        }
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Whom::Everybody => "Trust::always()",
            Whom::Nobody => "Trust::never()",
            Whom::Some(_) => "Trust::when(..)",
        })
    }
}

static NAMES: [HeaderName; 2] = [X_CORRELATION_ID, HeaderName::from_static("x-request-id")];

const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
