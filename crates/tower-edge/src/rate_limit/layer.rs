use tower_edge_core::rate_limit::Store;
use tower_layer::Layer;

use super::live_limits::Source;
use super::setup::LayerId;
use super::{Allowance, Limits, LiveLimits, RateLimit};
use crate::driver::{Driver, EdgeLayer, EdgeService};

/// Limits how much each client may do; see the [module docs](super) for an example.
///
/// The inner service has to be `Clone`. A rejection drops the one that was readied, with all that it has reserved, and
/// a store that decides later has it wait in the future.
#[derive(Clone, Debug)]
pub struct RateLimitLayer<St> {
    driver: Driver<RateLimit<St>>,
}

impl<St: Store> RateLimitLayer<St> {
    /// Limits that stay as they are, counted in this store.
    #[must_use]
    pub fn new(store: St, limits: Limits) -> Self {
        Self::of(store, Source::fixed(limits))
    }

    /// Limits that may be replaced while requests are served, counted in this store.
    #[must_use]
    pub fn live(store: St, limits: &LiveLimits) -> Self
    where
        St: Send + Sync + 'static,
    {
        let source = Source::live(limits, store.clone());
        Self::of(store, source)
    }

    /// Puts an [`Allowance`] into each request's extensions, by which a handler charges more, gives
    /// back or looks. Without this there is none, as it costs allocations.
    #[must_use]
    pub fn with_allowance(self) -> Self
    where
        St: Send + Sync + 'static,
        St::Future: Send + 'static,
    {
        let make = |gate: &mut RateLimit<St>| gate.allowance = Some(Allowance::new);
        Self {
            driver: self.driver.with(make),
        }
    }

    fn of(store: St, source: Source) -> Self {
        source.limits(None).prepare(&store);
        Self {
            driver: Driver::new(RateLimit {
                allowance: None,
                id: LayerId::new(),
                source,
                store,
            }),
        }
    }
}

impl<S, St> Layer<S> for RateLimitLayer<St> {
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
