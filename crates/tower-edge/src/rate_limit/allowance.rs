use std::fmt;
use std::future::{Future, ready};
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;

use tower_edge_core::BoxError;
use tower_edge_core::rate_limit::{Check, Decision, Settlement, Store};

use super::account::{Account, Answer};
use super::asked::Asked;

/// What is left to the client of a request; a handler finds it in the request's extensions, under
/// [`RateLimitLayer::with_allowance`](super::RateLimitLayer::with_allowance).
///
/// What a handler charges or gives back shows in the header fields of its answer. Of several layers it is
/// the nearest one's; [`under`](Self::under) finds the policies of all.
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
    further_out: Option<Arc<Allowance>>,
    policy: Option<Arc<str>>,
}

impl Allowance {
    pub(super) fn new<St>(account: Arc<Account<St>>, further_out: Option<Self>) -> Self
    where
        St: Store + Send + Sync + 'static,
        St::Future: Send + 'static,
    {
        Self {
            account: Arc::new(account),
            further_out: further_out.map(Arc::new),
            policy: None,
        }
    }

    /// The same under the policy of this name alone; `None` when the request was not charged to it.
    #[must_use]
    pub fn under(&self, policy: &str) -> Option<Self> {
        if self.account.knows(policy) {
            return Some(Self {
                policy: Some(policy.into()),
                ..self.clone()
            });
        }
        self.further_out.as_ref()?.under(policy)
    }

    /// Charges so much more, even if that overdraws the account. The decision says what is left, and
    /// whether as much could be charged again.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn charge(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        self.settle(Deed::Charge, cost).await
    }

    /// Gives so much back, and no more than the request was charged. The decision says what is left
    /// then.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn refund(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        self.settle(Deed::Refund, cost).await
    }

    /// Where the client stands, and whether a request of this cost would be let through.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn look(&self, cost: NonZeroU32) -> Result<Decision, BoxError> {
        self.settle(Deed::Look, cost).await
    }

    fn settle(&self, deed: Deed, cost: NonZeroU32) -> Settled {
        self.account.settle(self.policy.as_deref(), deed, cost)
    }
}

/// What a handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Charge,
    Look,
    Refund,
}

/// An account, whatever its store is.
trait Settle {
    fn knows(&self, policy: &str) -> bool;

    fn settle(&self, policy: Option<&str>, deed: Deed, cost: NonZeroU32) -> Settled;
}

type Settled = Pin<Box<dyn Future<Output = Result<Decision, BoxError>> + Send>>;

impl<St> Settle for Arc<Account<St>>
where
    St: Store + Send + Sync + 'static,
    St::Future: Send + 'static,
{
    fn knows(&self, policy: &str) -> bool {
        Account::knows(self, policy)
    }

    fn settle(&self, policy: Option<&str>, deed: Deed, cost: NonZeroU32) -> Settled {
        let (asked, answer): (Asked, Answer<St>) = match deed {
            Deed::Charge => Account::settle(self, policy, cost, Settlement::Charge),
            Deed::Look => Account::settle(self, policy, cost, Settlement::Look),
            Deed::Refund => self.refund(policy, cost),
        };
        let account = self.clone();
        let settled = move |decision: Result<Decision, St::Error>| {
            let decision = decision.map_err(Into::into)?;
            account.follow(&asked, &decision, deed == Deed::Charge);
            Ok(decision)
        };
        match answer {
            Check::Now(decision) => Box::pin(ready(settled(decision))),
            Check::Later(check) => Box::pin(async move { settled(check.await) }),
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
