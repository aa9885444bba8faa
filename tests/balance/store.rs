//! A store that decides at once, later or not, as the key says.

use std::pin::Pin;
use std::time::{Duration, Instant};

use tower_edge::BoxError;
use tower_edge::rate_limit::memory::Clock;
use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Operation, QuotaRequest};
use tower_edge::rate_limit::{Decision, Key, MemoryStore, Quota, Store};

use crate::body::{Held, Steps};

/// The key that a network would decide about.
pub(crate) const LATER: &str = "later";
/// The key that nobody can decide about.
pub(crate) const BROKEN: &str = "broken";

/// A clock that stands, so that no header field changes with the time: recent ones are kept.
#[derive(Clone, Copy, Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        unix_now()
    }

    fn unix_now(&self) -> Duration {
        unix_now()
    }
}

pub(crate) const fn unix_now() -> Duration {
    Duration::from_secs(1_795_219_200)
}

#[derive(Clone)]
pub(crate) struct TestStore {
    broken: KeyHash,
    held: Held,
    later: KeyHash,
    memory: MemoryStore<Still>,
}

impl TestStore {
    pub(crate) fn new(held: &Held) -> Self {
        let memory = MemoryStore::new(64).with_clock(Still);
        Self {
            broken: memory.hash(&Key::from(BROKEN)),
            held: held.clone(),
            later: memory.hash(&Key::from(LATER)),
            memory,
        }
    }
}

impl Store for TestStore {
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Decision, BoxError>> + Send>>;

    fn hash(&self, key: &Key<'_>) -> KeyHash {
        self.memory.hash(key)
    }

    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        now: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        let is_of = |key| requests.iter().any(|request| request.key == key);
        if is_of(self.broken) {
            return MaybeReady::Ready(Err("no server".into()));
        }
        let is_later = is_of(self.later);
        let decision = match self.memory.apply(operation, requests, now) {
            MaybeReady::Ready(Ok(decision)) => decision,
            other => panic!("{other:?}"),
        };
        if !is_later {
            return MaybeReady::Ready(Ok(decision));
        }
        let held = self.held.clone();
        MaybeReady::Pending(Box::pin(async move {
            Steps::default().await;
            drop(held);
            Ok(decision)
        }))
    }

    fn register(&self, quota: &Quota) {
        self.memory.register(quota);
    }
}
