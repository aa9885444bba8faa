use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinSet;
use tokio::time::{Instant, advance};
use tower_edge::rate_limit::MemoryStore;
use tower_edge_core::rate_limit::{Calendar, QuotaState};

use super::*;
use crate::BreakerState;
use crate::breaker::FAILURES;
use crate::test_server::{Mood, TestConnection};

type TestStore = RedisStore<TestConnection, MemoryStore>;

const ALICE: Key<'_> = Key::from("alice");
const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_millis(20);

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn quota(count: u32, period: Duration) -> Quota {
    Quota::new("p", units(count), period).unwrap()
}

fn store(connection: &TestConnection) -> TestStore {
    RedisStore::new(connection.clone(), MemoryStore::new(64))
}

async fn check(store: &TestStore, requests: &[QuotaRequest]) -> Result<Decision, RedisStoreError> {
    match store.check(requests) {
        Check::Now(decision) => decision,
        Check::Later(decision) => decision.await,
    }
}

async fn settle(
    store: &TestStore,
    request: QuotaRequest,
    settlement: Settlement,
) -> Result<Decision, RedisStoreError> {
    match store.settle(&[request], settlement) {
        Check::Now(decision) => decision,
        Check::Later(decision) => decision.await,
    }
}

async fn take(store: &TestStore, quota: &Quota) -> QuotaState {
    let request = QuotaRequest::new(quota, store.hash(&ALICE));
    check(store, &[request]).await.unwrap().states()[0]
}

mod leases;
mod server;
mod setting_up;
