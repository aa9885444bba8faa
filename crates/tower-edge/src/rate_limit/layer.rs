use std::sync::Arc;

use tower_edge_core::rate_limit::Store;
use tower_layer::Layer;

use super::account::Account;
use super::live_limits::Source;
use super::{Allowance, Limits, LiveLimits, RateLimit, mistakes};

/// Limits how much each client may do; see the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct RateLimitLayer<St> {
    setup: Arc<Setup<St>>,
}

/// What all clones of a service share.
#[derive(Clone, Debug)]
pub(super) struct Setup<St> {
    pub(super) allowance: Option<MakeAllowance<St>>,
    pub(super) source: Source,
    pub(super) store: St,
}

/// How the handler's [`Allowance`] is made.
pub(super) type MakeAllowance<St> = fn(Arc<Account<St>>, Option<Allowance>) -> Allowance;

impl<St: Store> RateLimitLayer<St> {
    /// Limits that stay as they are, counted in this store.
    #[must_use]
    pub fn new(store: St, limits: Limits) -> Self {
        Self::of(store, Source::Fixed(limits))
    }

    /// Limits that may be replaced while requests are served, counted in this store.
    #[must_use]
    pub fn live(store: St, limits: &LiveLimits) -> Self
    where
        St: Send + Sync + 'static,
    {
        let subscription = limits.subscribe(store.clone());
        Self::of(store, Source::Live(subscription))
    }

    /// Puts an [`Allowance`] into each request's extensions, by which a handler charges more, gives
    /// back or looks. Without this there is none, as it costs allocations.
    #[must_use]
    pub fn with_allowance(mut self) -> Self
    where
        St: Send + Sync + 'static,
        St::Future: Send + 'static,
    {
        Arc::make_mut(&mut self.setup).allowance = Some(Allowance::new);
        self
    }

    fn of(store: St, source: Source) -> Self {
        mistakes::layer_built();
        source.current().prepare(&store);
        let setup = Setup {
            allowance: None,
            source,
            store,
        };
        Self {
            setup: Arc::new(setup),
        }
    }
}

impl<S, St> Layer<S> for RateLimitLayer<St> {
    type Service = RateLimit<S, St>;

    fn layer(&self, inner: S) -> RateLimit<S, St> {
        RateLimit::new(inner, self.setup.clone())
    }
}
