use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use tower_edge_core::rate_limit::{Decision, Key, Operation, Quota, QuotaState};
use tower_edge_core::{Kind, Problem};

use super::ledger::{Applied, Ledger};

/// What is left of a request's quotas, for a handler to read and to change.
///
/// ```
/// use std::convert::Infallible;
///
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::Problem;
/// use tower_edge::rate_limit::{ApiKey, Limit, Quota, RateLimitHandle, RateLimitLayer};
///
/// /// The layer has charged one token. The completion turned out to be 250 tokens long.
/// async fn complete(limits: &RateLimitHandle) -> Result<Response<()>, Problem> {
///     limits.charge(249).await?;
///     Ok(Response::new(()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// const TOKENS: Quota = Quota::per_minute(1000).named("tokens");
/// let layer = RateLimitLayer::new(Limit::new(TOKENS, ApiKey)).with_handle();
/// let service = ServiceBuilder::new().layer(layer).service(service_fn(
///     async |request: Request<()>| {
///         Ok::<_, Infallible>(match request.extensions().get() {
///             Some(limits) => complete(limits).await.unwrap_or_else(Problem::into_empty_response),
///             None => Response::new(()),
///         })
///     },
/// ));
///
/// let response = service.oneshot(Request::get("/").header("x-api-key", "a").body(())?).await?;
///
/// assert_eq!(response.headers()["x-ratelimit-remaining"], "750");
/// # Ok(())
/// # }
/// ```
///
/// [`RateLimitLayer::with_handle`](super::RateLimitLayer::with_handle) inserts it into the request's extensions. With
/// feature `axum` it is an extractor: a handler takes it as an argument. Without `with_handle` the extractor rejects
/// the request with 500.
///
/// The header fields of the response describe what is left after the handler's changes. In a stack of several layers
/// the handle is the innermost layer's. [`under`](Self::under) and [`check`](Self::check) find the quotas of all layers
/// with a handle.
#[derive(Clone)]
pub struct RateLimitHandle {
    further_out: Option<Arc<Self>>,
    ledger: Arc<dyn Ledger>,
    name: Option<Arc<str>>,
}

impl RateLimitHandle {
    pub(super) fn new(ledger: Arc<dyn Ledger>, further_out: Option<Self>) -> Self {
        Self {
            further_out: further_out.map(Arc::new),
            ledger,
            name: None,
        }
    }

    /// A handle of the quota of this name alone. `None` if the request was not charged to it.
    #[must_use]
    pub fn under(&self, name: &str) -> Option<Self> {
        if self.ledger.has(name) {
            return Some(Self {
                name: Some(name.into()),
                ..self.clone()
            });
        }
        self.further_out.as_ref()?.under(name)
    }

    /// Charges `cost` beside what the layer has charged, if all quotas allow it. Use it for a cost that only the body
    /// shows, such as the number of calls in a batch. A cost of 0, here and below, charges nothing.
    ///
    /// # Errors
    ///
    /// With the problem of a rejection, for the handler to return. Nothing is charged then. With
    /// [`Unavailable`](Kind::Unavailable) if the store fails.
    pub async fn acquire(&self, cost: u32) -> Result<Decision, Problem> {
        self.apply(Operation::TryAcquire, cost).wait().await
    }

    /// Charges 1 to `key`, under the quota of this name that [`Limit::in_handler`](super::Limit::in_handler) has added.
    ///
    /// ```
    /// use tower_edge::Problem;
    /// use tower_edge::rate_limit::{Key, RateLimitHandle};
    ///
    /// async fn login(limits: RateLimitHandle, email: String) -> Result<(), Problem> {
    ///     limits.check("login-account", &Key::from(&email)).await?;
    ///     // The password is compared here.
    ///     Ok(())
    /// }
    /// # let _ = login;
    /// ```
    ///
    /// # Errors
    ///
    /// With the problem of a rejection, for the handler to return. With [`Unavailable`](Kind::Unavailable) if the store
    /// fails, and with [`Internal`](Kind::Internal) if no layer around the handler has a limit of this name.
    pub async fn check(&self, name: &str, key: &Key<'_>) -> Result<Decision, Problem> {
        let mut handle = self;
        loop {
            if let Some(decided) = handle.ledger.clone().check(name, key) {
                return decided.wait().await;
            }
            let Some(further_out) = &handle.further_out else {
                let source = format!("no layer has a limit {name:?} made by `Limit::in_handler`");
                return Err(Problem::new(Kind::Internal).with_source(source));
            };
            handle = further_out;
        }
    }

    /// Charges `cost` beside what the layer has charged, even if that overdraws a quota. Use it for work that is done
    /// and cost more than expected. The decision has what is left, and whether the same cost would be allowed again.
    ///
    /// # Errors
    ///
    /// With [`Unavailable`](Kind::Unavailable) if the store fails, for the handler to return.
    pub async fn charge(&self, cost: u32) -> Result<Decision, Problem> {
        self.apply(Operation::Acquire, cost).wait().await
    }

    /// Gives `cost` back, at most what the request was charged.
    ///
    /// # Errors
    ///
    /// With [`Unavailable`](Kind::Unavailable) if the store fails, for the handler to return.
    pub async fn refund(&self, cost: u32) -> Result<Decision, Problem> {
        self.apply(Operation::Refund, cost).wait().await
    }

    /// What is left, and whether `cost` would be allowed. Nothing is charged.
    ///
    /// # Errors
    ///
    /// With [`Unavailable`](Kind::Unavailable) if the store fails, for the handler to return.
    pub async fn peek(&self, cost: u32) -> Result<Decision, Problem> {
        self.apply(Operation::Peek, cost).wait().await
    }

    /// Each quota that the request is under, and what is left of it as far as it is known. When the handler begins, a
    /// state that is not [allowed](QuotaState::is_allowed) is of a quota that is not enforced, and would have rejected
    /// the request. Later it may also be of a quota that does not allow again what the handler has charged.
    #[must_use]
    pub fn states(&self) -> Vec<(Quota, QuotaState)> {
        let evaluation = self.ledger.evaluation();
        let is_meant = |quota: &Quota| self.name.as_deref().is_none_or(|name| name == quota.name());
        let states = evaluation.states();
        let states = states.map(|(request, state)| (request.quota, *state));
        states.filter(|(quota, _)| is_meant(quota)).collect()
    }

    fn apply(&self, operation: Operation, cost: u32) -> Applied {
        let (operation, cost) = match NonZeroU32::new(cost) {
            Some(cost) => (operation, cost),
            None => (Operation::Peek, NonZeroU32::MIN),
        };
        let name = self.name.as_deref();
        self.ledger.clone().apply(operation, name, cost)
    }
}

impl fmt::Debug for RateLimitHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitHandle")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
