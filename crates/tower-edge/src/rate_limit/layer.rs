use tower_edge_core::rate_limit::Store;
use tower_layer::Layer;

use super::gate::Source;
use super::{IntoLimits, Limits, MemoryStore, RateLimit, misconfiguration};
use crate::ReloadHandle;
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Limits how much each client may do.
///
/// ```
/// use tower_edge::rate_limit::headers::HeaderStyle;
/// use tower_edge::rate_limit::{ClientAddress, Limit, Limits, Quota, RateLimitLayer};
///
/// let limit = Limit::new(Quota::per_minute(60), ClientAddress::new());
///
/// // Header fields and exemptions are settings of `Limits`.
/// let limits = Limits::from(limit).with_header_style(HeaderStyle::IETF);
/// let layer = RateLimitLayer::new(limits);
/// # let _ = layer;
/// ```
///
/// See the [module docs](super) for a request and its response. Build the layer once, and clone it: a layer has its own
/// counts, which its clones share.
///
/// The inner service has to be `Clone`. When the layer rejects a request, it drops the readied clone, so that
/// everything that the clone has reserved is free again, such as the permit of a concurrency limit.
#[doc(alias(
    "governor",
    "GovernorLayer",
    "leaky bucket",
    "rate limiter",
    "throttle",
    "throttling",
    "token bucket",
    "too many requests"
))]
#[derive(Clone, Debug)]
pub struct RateLimitLayer<St = MemoryStore> {
    driver: Driver<RateLimit<St>>,
}

impl RateLimitLayer {
    /// Takes one [`Limit`](super::Limit), several in an array or a `Vec`, or [`Limits`]. They are counted in a
    /// [`MemoryStore`] of the default size, unless [`with_store`](Self::with_store) sets another store.
    #[must_use]
    pub fn new(limits: impl IntoLimits) -> Self {
        Self::in_memory(limits.into(), None)
    }

    /// Takes limits that can be replaced while requests are served. See [`ReloadHandle`] for an example.
    #[must_use]
    pub fn reloadable(limits: &ReloadHandle<Limits>) -> Self {
        Self::in_memory(limits.current(), Some(limits.clone()))
    }

    fn in_memory(built: Limits, reload: Option<ReloadHandle<Limits>>) -> Self {
        misconfiguration::layer_is_built();
        Self::of(RateLimit {
            fails_open: false,
            has_handle: false,
            source: Source { built, reload },
            store: MemoryStore::default(),
        })
    }
}

impl<St: Store> RateLimitLayer<St> {
    /// Allows requests while the store fails. The default is to reject them with 503.
    ///
    /// The layer also allows requests under a quota for which the store is set to fail closed, as a `RedisStore` may
    /// be. So put a login limit into a layer of its own.
    ///
    /// A request that is allowed in this way is charged nothing, and its response has no fields of the limits. A
    /// [`RateLimitHandle`](super::RateLimitHandle) also allows requests while the store fails. Its
    /// [`Decision`](super::Decision) has no states.
    ///
    /// ```
    /// use tower_edge::rate_limit::{ApiKey, Limit, Quota, RateLimitLayer};
    ///
    /// let layer = RateLimitLayer::new(Limit::new(Quota::per_minute(60), ApiKey)).with_fail_open();
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_fail_open(self) -> Self {
        Self {
            driver: self.driver.with(|gate| gate.fails_open = true),
        }
    }

    /// Inserts a [`RateLimitHandle`](super::RateLimitHandle) into each request's extensions. By the handle, a handler
    /// charges more, gives back, and checks limits by data of the body. The default is none, since a handle costs
    /// allocations.
    #[must_use]
    pub fn with_handle(self) -> Self {
        Self {
            driver: self.driver.with(|gate| gate.has_handle = true),
        }
    }

    /// Counts in this store. Layers with clones of one store count together.
    #[must_use]
    pub fn with_store<S: Store>(self, store: S) -> RateLimitLayer<S> {
        let gate = self.driver.into_gate();
        RateLimitLayer::of(RateLimit {
            fails_open: gate.fails_open,
            has_handle: gate.has_handle,
            source: gate.source,
            store,
        })
    }

    fn of(gate: RateLimit<St>) -> Self {
        gate.source.register(&gate.store);
        Self {
            driver: Driver::new(gate),
        }
    }
}

impl<S, St: Store> Layer<S> for RateLimitLayer<St> {
    type Service = EdgeService<S, RateLimit<St>>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl<St: Store> EdgeLayer for RateLimitLayer<St> {
    type Gate = RateLimit<St>;

    fn into_gate(self) -> RateLimit<St> {
        self.driver.into_gate()
    }
}
