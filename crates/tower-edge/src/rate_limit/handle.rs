use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use tower_edge_core::rate_limit::{Decision, Key, Operation, Quota, QuotaState};
use tower_edge_core::{BoxError, Kind, Problem};

use super::gate::unavailable;
use super::ledger::{Applied, Ledger};

/// What is left of a request's quotas, and how to change that. A handler finds it in the request's extensions under
/// [`RateLimitLayer::with_handle`](super::RateLimitLayer::with_handle). With the feature `axum` it is an extractor: a handler
/// takes it as an argument.
///
/// What a handler charges or gives back shows in the header fields of its response. Of several layers it is the nearest
/// one's. [`under`](Self::under) and [`check`](Self::check) find the quotas of all.
///
/// ```
/// use std::convert::Infallible;
/// use std::num::NonZeroU32;
///
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::rate_limit::{ApiKey, Limit, Quota, RateLimitHandle, RateLimitLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// const TOKENS: Quota = Quota::per_minute(1000).named("tokens");
/// let layer = RateLimitLayer::new(Limit::new(TOKENS, ApiKey)).with_handle();
/// let service = ServiceBuilder::new().layer(layer).service(service_fn(
///     async |request: Request<()>| {
///         // One is charged already. The completion turned out to be 250 tokens long.
///         if let (Some(handle), Some(more)) =
///             (request.extensions().get::<RateLimitHandle>(), NonZeroU32::new(249))
///         {
///             let _ = handle.charge(more).await;
///         }
///         Ok::<_, Infallible>(Response::new(()))
///     },
/// ));
///
/// let response = service.oneshot(Request::get("/").header("x-api-key", "a").body(())?).await?;
///
/// assert_eq!(response.headers()["x-ratelimit-remaining"], "750");
/// # Ok(())
/// # }
/// ```
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

    /// The same for the quota of this name alone. `None` when the request was not charged to it.
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

    /// Charges so much more, if all quotas allow it. For a cost that is known only now, such as the number of calls in
    /// a batch.
    ///
    /// # Errors
    ///
    /// With the problem of a rejection, for the handler to return. Nothing is charged then. With
    /// [`Unavailable`](Kind::Unavailable) if the store fails.
    pub async fn acquire(&self, cost: NonZeroU32) -> Result<Decision, Problem> {
        let decided = self.apply(Operation::TryAcquire, cost).wait().await;
        decided.map_err(unavailable)?
    }

    /// Charges a key to the limit of this name that was made by [`Limit::in_handler`](super::Limit::in_handler).
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
                return decided.wait().await.map_err(unavailable)?;
            }
            let Some(further_out) = &handle.further_out else {
                let source = format!("no layer has a limit {name:?} made by `Limit::in_handler`");
                return Err(Problem::new(Kind::Internal).with_source(source));
            };
            handle = further_out;
        }
    }

    /// Charges so much more, even if that overdraws, as for work that proved dearer. The decision has what is left, and
    /// whether as much could be charged again.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn charge(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        Ok(self.apply(Operation::Acquire, cost).wait().await??)
    }

    /// Gives so much back, and no more than the request was charged.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn refund(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        Ok(self.apply(Operation::Refund, cost).wait().await??)
    }

    /// What is left, and whether so much could be charged.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn peek(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        Ok(self.apply(Operation::Peek, cost).wait().await??)
    }

    /// Each quota that the request is under, and what is left of it as far as it is known. When the handler begins, a state
    /// that is not [allowed](QuotaState::is_allowed) is of a quota that is not enforced, and would have rejected the
    /// request. Later it may also be of a quota that does not allow again what the handler has charged.
    #[must_use]
    pub fn states(&self) -> Vec<(Quota, QuotaState)> {
        let evaluation = self.ledger.evaluation();
        let is_meant = |quota: &Quota| self.name.as_deref().is_none_or(|name| name == quota.name());
        let states = evaluation.states();
        let states = states.map(|(request, state)| (request.quota, *state));
        states.filter(|(quota, _)| is_meant(quota)).collect()
    }

    fn apply(&self, operation: Operation, cost: NonZeroU32) -> Applied {
        self.ledger
            .clone()
            .apply(operation, self.name.as_deref(), cost)
    }
}

impl fmt::Debug for RateLimitHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitHandle")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
