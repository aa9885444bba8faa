use std::fmt;
use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tower_edge_core::BoxError;
use tower_edge_core::rate_limit::Check;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Settlement;
use tower_edge_core::rate_limit::Store;

use super::asked::Asked;
use super::outcome::Outcome;
use super::receipt::Receipt;

/// What is left to the client of a request; a handler finds it in the request's extensions, under
/// [`RateLimitLayer::with_allowance`](super::RateLimitLayer::with_allowance).
///
/// What a handler charges or gives back shows in the header fields of its answer.
///
/// ```
/// use std::convert::Infallible;
/// use std::num::NonZeroU32;
/// use std::time::Duration;
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::rate_limit::{Allowance, ApiKey, Limits, MemoryStore, Policy, RateLimitLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let count = NonZeroU32::new(1000).ok_or("a count of zero")?;
/// let tokens = Policy::new("tokens", count, Duration::from_secs(60))?;
/// let limits = Limits::one(tokens, ApiKey);
/// let service = ServiceBuilder::new()
///     .layer(RateLimitLayer::new(MemoryStore::new(1024), limits).with_allowance())
///     .service(service_fn(async |request: Request<()>| {
///         // One is charged already; the answer turned out to be 250 tokens long.
///         if let (Some(allowance), Some(more)) =
///             (request.extensions().get::<Allowance>(), NonZeroU32::new(249))
///         {
///             let _ = allowance.charge(more).await;
///         }
///         Ok::<_, Infallible>(Response::new(()))
///     }));
///
/// let answer = service.oneshot(Request::get("/").header("x-api-key", "a").body(())?).await?;
///
/// assert_eq!(answer.headers()["x-ratelimit-remaining"], "750");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Allowance {
    account: Arc<dyn Settle + Send + Sync>,
    latest: Latest,
    policy: Option<Arc<str>>,
}

/// What was decided last about the request.
pub(super) type Latest = Arc<Mutex<Outcome>>;

impl Allowance {
    pub(super) fn new<St>(receipt: Receipt<St>, latest: Latest) -> Self
    where
        St: Store + Send + Sync + 'static,
        St::Future: Send + 'static,
    {
        Self {
            account: Arc::new(receipt),
            latest,
            policy: None,
        }
    }

    /// The same under the policy of this name alone. A name that no policy of the request has stands
    /// for nothing: all is allowed, and nothing is charged.
    #[must_use]
    pub fn under(&self, policy: &str) -> Self {
        Self {
            policy: Some(policy.into()),
            ..self.clone()
        }
    }

    /// Charges so much more, even if that overdraws the account. The decision says what is left, and
    /// whether as much could be charged again.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn charge(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        self.settle(cost, |_| Settlement::Charge).await
    }

    /// Gives so much back. The decision says what is left then.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn refund(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        let refund = |charged_at| Settlement::Refund { charged_at };
        self.settle(cost, refund).await
    }

    /// Where the client stands, and whether a request of this cost would be let through.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn look(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        self.settle(cost, |_| Settlement::Look).await
    }

    async fn settle(
        &self,
        cost: NonZeroU32,
        settlement: fn(Duration) -> Settlement,
    ) -> Result<Decision, BoxError> {
        let settled = self
            .account
            .settle(self.policy.as_deref(), cost, settlement);
        let (asked, decision) = settled.await?;
        // A panic while it was locked leaves what was decided before.
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.follow(&asked, &decision);
        Ok(decision)
    }
}

/// A receipt, whatever its store is.
trait Settle {
    fn settle(
        &self,
        policy: Option<&str>,
        cost: NonZeroU32,
        settlement: fn(Duration) -> Settlement,
    ) -> Settled;
}

type Settled = Pin<Box<dyn Future<Output = Result<(Asked, Decision), BoxError>> + Send>>;

impl<St> Settle for Receipt<St>
where
    St: Store,
    St::Future: Send + 'static,
{
    fn settle(
        &self,
        policy: Option<&str>,
        cost: NonZeroU32,
        settlement: fn(Duration) -> Settlement,
    ) -> Settled {
        let mut asked = self.under(policy);
        for ask in &mut asked {
            ask.cost = cost;
        }
        match self.settle(&asked, settlement(self.charged_at)) {
            Check::Now(decision) => {
                let settled = decision.map(|decision| (asked, decision));
                Box::pin(std::future::ready(settled.map_err(Into::into)))
            }
            Check::Later(check) => Box::pin(async {
                let decision = check.await.map_err(Into::into)?;
                Ok((asked, decision))
            }),
        }
    }
}

impl fmt::Debug for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Allowance")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
