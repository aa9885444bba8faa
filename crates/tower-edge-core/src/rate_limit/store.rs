use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::{Decision, Key, KeyHash, Quota, QuotaRequest, QuotaState};
use crate::BoxError;

/// Where quotas are counted: in memory, or in a database that several machines share.
///
/// Users of a store call [`peek`](Self::peek) and [`reset`](Self::reset). Layers call the other methods.
/// `tower_edge::rate_limit::store` has an example of an implementation. A clone is a handle to the same counts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rate-limit `Store`",
    note = "use `MemoryStore::new(slots)`, or `RedisStore` of tower-edge-redis, or implement `Store`"
)]
pub trait Store: Clone + Send + Sync + 'static {
    /// Why there is no decision, such as a lost connection.
    type Error: Into<BoxError> + Send;
    /// Resolves to the decision. A store that always decides at once names [`Never`].
    type Future: Future<Output = Result<Decision, Self::Error>> + Send;

    /// Hashes a key with the store's secret. In one process, or on all machines that share the store, the hash of a key
    /// is always the same. The key itself is not kept.
    fn hash(&self, key: &Key<'_>) -> KeyHash;

    /// Applies an operation to the quotas of one request. The decision has the states after the operation.
    ///
    /// `now` is when the request came, if the layer has read the clock. A store in this process need not read it again.
    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        now: Option<Instant>,
    ) -> MaybeReady<Self::Future>;

    /// Prepares for requests under this quota. A layer calls it for each of its quotas when it is built.
    fn register(&self, quota: &Quota) {
        let _ = quota;
    }

    /// What is left of a key's quota. Nothing is charged. The quota needs the name and the algorithm of the limit's, and the key has to be the one that the limit extracts.
    ///
    /// # Errors
    ///
    /// If the store fails.
    fn peek(
        &self,
        quota: &Quota,
        key: &Key<'_>,
    ) -> impl Future<Output = Result<QuotaState, Self::Error>> + use<Self> {
        state_of(self, Operation::Peek, quota, key)
    }

    /// Gives a key its whole quota back, as to unlock an account.
    ///
    /// # Errors
    ///
    /// If the store fails.
    fn reset(
        &self,
        quota: &Quota,
        key: &Key<'_>,
    ) -> impl Future<Output = Result<QuotaState, Self::Error>> + use<Self> {
        state_of(self, Operation::Reset, quota, key)
    }
}

fn state_of<St: Store>(
    store: &St,
    operation: Operation,
    quota: &Quota,
    key: &Key<'_>,
) -> impl Future<Output = Result<QuotaState, St::Error>> + use<St> {
    let limit = quota.limit();
    let request = QuotaRequest::new(*quota, store.hash(key));
    let decision = store.apply(operation, &[request], None);
    async move {
        let decision = decision.wait().await?;
        let state = decision.states().first().copied();
        // A store has a state for each request.
        let whole = QuotaState::allowed(limit, limit.get(), Duration::ZERO, None);
        Ok(state.unwrap_or(whole))
    }
}

/// What a [`Store`] does to the quotas of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Charges all quotas that are enforced, or none. A quota that does not allow the request is never charged. The
    /// decision on no requests is to allow.
    TryAcquire,
    /// Charges even if that overdraws the quota, for work that cost more than expected. A quota is overdrawn by no more
    /// than its limit, so that nobody is locked out for long.
    Acquire,
    /// Charges nothing.
    Peek,
    /// Gives back what was charged, for work that was not done.
    Refund,
    /// Gives the whole quota back.
    Reset,
}

/// The result of a [`Store`]: at once, or with a future.
#[derive(Debug)]
#[must_use = "nothing is decided until the future is polled"]
pub enum MaybeReady<F: Future> {
    /// The result is here. The layer polls no future.
    Ready(F::Output),
    /// The result comes with this future.
    Pending(F),
}

impl<F: Future> MaybeReady<F> {
    /// Waits for the result.
    pub async fn wait(self) -> F::Output {
        match self {
            Self::Ready(output) => output,
            Self::Pending(future) => future.await,
        }
    }
}

/// The future of a store that decides everything at once. It never exists.
#[derive(Debug)]
pub struct Never<T> {
    never: Infallible,
    output: PhantomData<fn() -> T>,
}

impl<T> Never<T> {
    /// Proves that this is not reached.
    pub const fn never(&self) -> ! {
        match self.never {}
    }
}

impl<T> Future for Never<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        self.never()
    }
}
