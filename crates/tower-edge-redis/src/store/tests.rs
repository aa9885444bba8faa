use std::slice;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinSet;
use tokio::time::{Instant, advance};
use tower_edge::rate_limit::MemoryStore;
use tower_edge_core::rate_limit::{Calendar, Decision, QuotaState};

use super::*;
use crate::BreakerState;
use crate::config::FAILURES;
use crate::test_server::{Mood, TestConnection};

type TestStore = RedisStore<TestConnection, MemoryStore>;

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_millis(20);

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn quota(count: u32, period: Duration) -> Quota {
    Quota::new(count, period).unwrap().named("p")
}

fn store(connection: &TestConnection) -> TestStore {
    RedisStore::new(connection.clone(), MemoryStore::new(64))
}

fn alice() -> Key<'static> {
    Key::from("alice")
}

/// One unit of Alice's.
fn request(store: &TestStore, quota: Quota) -> QuotaRequest {
    QuotaRequest::new(quota, store.hash(&alice()))
}

async fn check(store: &TestStore, requests: &[QuotaRequest]) -> Result<Decision, RedisStoreError> {
    store
        .apply(Operation::TryAcquire, requests, None)
        .wait()
        .await
}

async fn take(store: &TestStore, quota: &Quota) -> QuotaState {
    let decision = check(store, &[request(store, *quota)]).await;
    decision.unwrap().states()[0]
}

/// Gives back what was charged to Alice's first quota.
async fn refund(
    store: &TestStore,
    quota: Quota,
    charged: &Decision,
) -> Result<Decision, RedisStoreError> {
    let request = request(store, quota).with_receipt(charged.receipt(0).unwrap());
    store
        .apply(Operation::Refund, &[request], None)
        .wait()
        .await
}

mod leases;
mod server;
mod setting_up;
