use std::sync::Arc;

use http::HeaderName;
use tower_edge_core::{AcceptedIds, CorrelationId, GenerateId, Head, InvalidCorrelationId};
use tower_layer::Layer;

use super::SetCorrelationId;
use super::config::Config;
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Gives every request a correlation id. See the [module docs](super) for an example.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct CorrelationIdLayer {
    driver: Driver<SetCorrelationId>,
}

impl CorrelationIdLayer {
    /// A layer that reads `X-Correlation-ID`, then `X-Request-ID`, and writes `X-Correlation-ID`.
    pub fn new() -> Self {
        Self {
            driver: Driver::new(SetCorrelationId::default()),
        }
    }

    /// Calls the closure for a request whose id is not valid, if no other field has a valid one. The closure returns
    /// the id to use, or `None` for a new one, which is the default.
    ///
    /// ```
    /// use tower_edge::correlation_id::{CorrelationId, CorrelationIdLayer};
    ///
    /// // As Rails does it: without what is not valid, and cut.
    /// let layer = CorrelationIdLayer::new().on_invalid_id(|request, header, _reason| {
    ///     let mut id = request.field(header).one()?.to_str().ok()?.to_owned();
    ///     id.retain(|character| character.is_ascii_alphanumeric() || character == '-');
    ///     id.truncate(64);
    ///     id.parse::<CorrelationId>().ok()
    /// });
    /// # let _ = layer;
    /// ```
    ///
    /// The closure is not called for a request that is not [trusted](Self::with_trust).
    pub fn on_invalid_id(
        self,
        replace: impl Fn(Head<'_>, &HeaderName, InvalidCorrelationId) -> Option<CorrelationId>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let replace = Arc::new(replace);
        self.with(|config| config.on_invalid = Some(replace))
    }

    /// Sets the characters that a valid id may have.
    ///
    /// ```
    /// use tower_edge::correlation_id::{AcceptedIds, CorrelationIdLayer};
    ///
    /// let layer = CorrelationIdLayer::new().with_accepted_ids(AcceptedIds::Strict);
    /// # let _ = layer;
    /// ```
    pub fn with_accepted_ids(self, accepted: AcceptedIds) -> Self {
        self.with(|config| config.accepted = accepted)
    }

    /// Sets the fields that are read, in this order, if the field of [`with_header`](Self::with_header) has no valid
    /// id. The default is `X-Correlation-ID` and `X-Request-ID`.
    pub fn with_aliases(self, aliases: impl IntoIterator<Item = HeaderName>) -> Self {
        let aliases = aliases.into_iter().collect();
        self.with(|config| {
            config.aliases = aliases;
            config.set_names();
        })
    }

    /// Sets the generator of ids: [`Ids`](super::Ids), or a closure. The default is [`Ids::hex`](super::Ids::hex).
    ///
    /// ```
    /// use tower_edge::correlation_id::{CorrelationIdLayer, Ids};
    ///
    /// let layer = CorrelationIdLayer::new().with_generator(Ids::uuid_v7().with_prefix("req_")?);
    /// # let _ = layer;
    /// # Ok::<_, tower_edge::correlation_id::InvalidCorrelationId>(())
    /// ```
    pub fn with_generator(self, generator: impl GenerateId + Send + Sync + 'static) -> Self {
        let generator = Arc::new(generator);
        self.with(|config| config.generator = Some(generator))
    }

    /// Sets the field that is read first, and that responses have. The [aliases](Self::with_aliases) are still read.
    pub fn with_header(self, header: HeaderName) -> Self {
        self.with(|config| {
            config.header = header;
            config.set_names();
        })
    }

    /// Puts the [`CorrelationId`] into the response's extensions, for layers further out that do not read the field.
    ///
    /// This is off by default: most responses have no extensions, and the first extension costs three allocations.
    pub fn with_response_extension(self) -> Self {
        self.with(|config| config.response_extension = true)
    }

    /// Writes the id into the request's own field, and into each [alias](Self::with_aliases) that the request has, for
    /// all layers and handlers further in. Removes a `traceparent` and a `tracestate` that are not valid or not
    /// [trusted](Self::with_trust).
    ///
    /// ```
    /// use http::{HeaderMap, Request, Response};
    /// use tower::{ServiceBuilder, ServiceExt, service_fn};
    /// use tower_edge::correlation_id::CorrelationIdLayer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = ServiceBuilder::new()
    ///     .layer(CorrelationIdLayer::new().with_rewritten_request())
    ///     .service(service_fn(async |request: Request<()>| {
    ///         let received: HeaderMap = request.headers().clone();
    ///         Ok::<_, std::convert::Infallible>(Response::new(received))
    ///     }));
    ///
    /// let request = Request::get("/").header("x-request-id", "not valid").body(())?;
    /// let response = service.oneshot(request).await?;
    ///
    /// let id = response.headers()["x-correlation-id"].clone();
    /// let received = response.into_body().into_inner();
    /// assert_eq!([&received["x-correlation-id"], &received["x-request-id"]], [&id, &id]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// By default, handlers find in these fields the values that the client sent.
    pub fn with_rewritten_request(self) -> Self {
        self.with(|config| config.rewrites_request = true)
    }

    /// Uses the trace id of a valid `traceparent` if no field has a valid id, so that logs and traces have the same id
    /// ([W3C Trace Context, section 3.2](https://www.w3.org/TR/trace-context/#traceparent-header)).
    pub fn with_trace_id(self) -> Self {
        self.with(|config| config.trace_id = true)
    }

    /// Accepts the id and the trace only of requests for which the closure returns `true`. It can decide by the peer, a
    /// header field, or the extensions that an outer layer has inserted. The default trusts all requests, which is
    /// right behind a proxy that sets the id. `|_| false` is right on the open internet.
    ///
    /// ```
    /// use std::net::IpAddr;
    /// use tower_edge::correlation_id::{CorrelationIdLayer, PeerAddress};
    ///
    /// let layer = CorrelationIdLayer::new().with_trust(|request| {
    ///     let peer = request.extensions.get::<PeerAddress>();
    ///     peer.is_some_and(|PeerAddress(peer)| peer.ip() == IpAddr::from([10, 0, 0, 1]))
    /// });
    /// # let _ = layer;
    /// ```
    ///
    /// An unknown client can send the id of somebody else, or the same id a million times, and spoil searches in the
    /// logs. A request with an id that is not trusted gets a new one, and the client's id becomes a
    /// [`ClientCorrelationId`](super::ClientCorrelationId). Its trace does not enter the
    /// [`RequestContext`](super::RequestContext), so calls upstream begin another trace ([W3C Trace Context, section
    /// 7](https://www.w3.org/TR/trace-context/#security-considerations)). The fields of the request stay, as for a
    /// tracer further in, unless they are [rewritten](Self::with_rewritten_request).
    ///
    /// The closure is called at most once, and never for a request without an id and without a trace.
    pub fn with_trust(self, trusts: impl Fn(Head<'_>) -> bool + Send + Sync + 'static) -> Self {
        let trusts = Arc::new(trusts);
        self.with(|config| config.trusts = Some(trusts))
    }

    pub(crate) fn with(self, change: impl FnOnce(&mut Config)) -> Self {
        Self {
            driver: self.driver.with(|gate| change(&mut gate.config)),
        }
    }
}

impl Default for CorrelationIdLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for CorrelationIdLayer {
    type Service = EdgeService<S, SetCorrelationId>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl EdgeLayer for CorrelationIdLayer {
    type Gate = SetCorrelationId;

    fn into_gate(self) -> SetCorrelationId {
        self.driver.into_gate()
    }
}
