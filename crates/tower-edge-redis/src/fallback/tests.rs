use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use tower_edge::rate_limit::MemoryStore;
use tower_edge::rate_limit::memory::Clock;
use tower_edge_core::rate_limit::{Calendar, QuotaState};

use super::*;

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn of_fifty() -> Config {
    Config {
        machines: units(50),
        ..Config::default()
    }
}

#[test]
fn a_limit_per_machine_is_the_count_divided_and_no_less_than_one() {
    let config = of_fifty();
    for (count, share) in [(1000, 20), (99, 1), (3, 1)] {
        let quota = Quota::per_minute(count).named("p");
        for quota in [
            quota,
            quota.sliding_window(),
            quota.with_calendar(Calendar::MONTH),
        ] {
            let divided = per_machine(&config, &quota);

            assert_eq!(divided.count(), share, "{count}");
            assert_eq!(divided.algorithm(), quota.algorithm());
            assert_eq!(divided.period(), quota.period());
            assert_eq!(divided.id(), quota.id());
        }
    }
}

#[test]
fn a_burst_is_divided_as_the_count_is() {
    let config = of_fifty();
    for (burst, share) in [(200, 4), (99, 1), (3, 1)] {
        let divided = per_machine(&config, &Quota::per_minute(1000).with_burst(burst));

        assert_eq!((divided.count(), divided.limit().get()), (20, share));
    }
    // More than a share of one in ten years may have.
    let slow = Quota::new(99, Quota::MAX_PERIOD).unwrap().with_burst(197);
    assert_eq!(per_machine(&config, &slow).limit().get(), 1);
}

#[test]
fn what_costs_more_than_the_limit_per_machine_costs_all_of_it() {
    let config = of_fifty();
    let request = QuotaRequest::new(Quota::per_minute(1000), KeyHash::from_bits(1));
    let fallback = Fallback::new(MemoryStore::new(8));
    let cost = |cost| {
        let request = request.clone().with_cost(units(cost));
        fallback.request(&config, &request).cost
    };

    assert_eq!([1, 20, 21, 1000].map(cost), [1, 20, 20, 20].map(units));
    assert_eq!(cost(1001), units(1001));
}

const MINUTE: Duration = Duration::from_secs(60);

/// Quotas `closed`, `open` and `local`, of ten a minute.
const QUOTAS: [Quota; 3] = [
    Quota::per_minute(10).named("closed"),
    Quota::per_minute(10).named("open"),
    Quota::per_minute(10).named("local"),
];

fn config() -> Config {
    Config {
        on_error_for: BTreeMap::from([
            ("closed".into(), OnStoreError::Closed),
            ("open".into(), OnStoreError::Open),
        ]),
        ..Config::default()
    }
}

fn fallback() -> Fallback<MemoryStore> {
    Fallback::new(MemoryStore::new(8))
}

fn request(quota: Quota) -> QuotaRequest {
    QuotaRequest::new(quota, KeyHash::from_bits(1))
}

/// Stands still until it is moved.
#[derive(Clone, Debug, Default)]
struct Still(Arc<Mutex<Duration>>);

impl Clock for Still {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn unix_now(&self) -> Duration {
        self.now()
    }
}

async fn decide(
    fallback: &Fallback<impl Store>,
    config: &Config,
    operation: Operation,
    requests: &[QuotaRequest],
) -> Result<Decision, RedisStoreError> {
    let batch = Batch::new(operation, requests.to_vec());
    fallback
        .decide(config, &batch, RedisStoreError::Paused)
        .await
}

async fn take(
    fallback: &Fallback<impl Store>,
    config: &Config,
    requests: &[QuotaRequest],
) -> Result<Decision, RedisStoreError> {
    decide(fallback, config, Operation::TryAcquire, requests).await
}

fn remaining(decision: &Decision) -> Vec<u32> {
    let states = decision.states().iter();
    states.map(QuotaState::remaining).collect()
}

#[tokio::test]
async fn of_several_quotas_the_strictest_goes() {
    let (fallback, config) = (fallback(), config());
    let mut all = QUOTAS.map(request);

    let rejected = take(&fallback, &config, &all).await;
    assert!(matches!(rejected, Err(RedisStoreError::Paused)));

    all[0].enforced = false;
    let decided = take(&fallback, &config, &all).await.unwrap();
    assert_eq!((decided.is_allowed(), decided.states().len()), (true, 3));

    let allowed = take(&fallback, &config, &all[1..2]).await.unwrap();
    assert_eq!(allowed, unlimited());
}

#[tokio::test]
async fn an_open_quota_rejects_nothing_beside_a_local_one() {
    let [_, open, local] = QUOTAS;
    let (fallback, config) = (fallback(), config());
    let ten = NonZeroU32::new(10).unwrap();
    let requests = [request(open).with_cost(ten), request(local)];

    let mut allowed = 0;
    while take(&fallback, &config, &requests)
        .await
        .unwrap()
        .is_allowed()
    {
        allowed += 1;
    }

    assert_eq!(allowed, 10);
}

#[tokio::test]
async fn each_machine_allows_its_share() {
    let [.., local] = QUOTAS;
    let fallback = fallback();
    let config = Config {
        machines: units(5),
        ..config()
    };

    let first = take(&fallback, &config, &[request(local)]).await.unwrap();

    assert_eq!(remaining(&first), [1]);
}

#[tokio::test]
async fn a_charge_and_its_refund_meet_at_the_fallbacks_time() {
    let [.., local] = QUOTAS;
    let (fallback, config) = (fallback(), config());
    let requests = [request(local)];
    let charged = take(&fallback, &config, &requests).await.unwrap();
    let more = decide(&fallback, &config, Operation::Acquire, &requests)
        .await
        .unwrap();
    assert_eq!(remaining(&more), [8]);

    let refund = request(local).with_receipt(charged.receipt(0).unwrap());
    let refunded = decide(&fallback, &config, Operation::Refund, &[refund])
        .await
        .unwrap();

    assert_eq!(remaining(&refunded), [9]);
    let peeked = decide(&fallback, &config, Operation::Peek, &requests)
        .await
        .unwrap();
    assert_eq!(remaining(&peeked), [9]);
}

#[tokio::test]
async fn a_late_refund_is_no_credit() {
    let [.., local] = QUOTAS;
    let (clock, config) = (Still::default(), config());
    let fallback = Fallback::new(MemoryStore::new(8).with_clock(clock.clone()));
    let charged = take(&fallback, &config, &[request(local)]).await.unwrap();
    *clock.0.lock().unwrap() += MINUTE;
    take(&fallback, &config, &[request(local)]).await.unwrap();

    let refund = request(local).with_receipt(charged.receipt(0).unwrap());
    let refunded = decide(&fallback, &config, Operation::Refund, &[refund])
        .await
        .unwrap();

    assert_eq!(remaining(&refunded), [9]);
}

#[tokio::test]
async fn whatever_the_fallbacks_clock_shows_the_fallback_has_decided() {
    let [.., local] = QUOTAS;
    let (clock, config) = (Still::default(), config());
    let fallback = Fallback::new(MemoryStore::new(8).with_clock(clock.clone()));
    for now in [Duration::ZERO, 150 * 365 * 1440 * MINUTE, Duration::MAX] {
        *clock.0.lock().unwrap() = now;

        let decided = take(&fallback, &config, &[request(local)]).await.unwrap();

        let refund = request(local).with_receipt(decided.receipt(0).unwrap());
        assert!(is_of_fallback(&refund), "{now:?}");
    }
}

#[tokio::test]
async fn what_the_server_has_charged_the_fallback_does_not_give_back() {
    let [.., local] = QUOTAS;
    let (fallback, config) = (fallback(), config());
    let requests = [request(local)];
    let charged = take(&fallback, &config, &requests).await.unwrap();
    let of_server = charged.with_issuer(0).receipt(0).unwrap();

    let refund = [request(local).with_receipt(of_server)];
    for refund in [&refund, &requests] {
        decide(&fallback, &config, Operation::Refund, refund)
            .await
            .unwrap_err();
    }
    let peeked = decide(&fallback, &config, Operation::Peek, &requests)
        .await
        .unwrap();
    assert_eq!(remaining(&peeked), [9]);
}

#[tokio::test]
async fn a_reset_is_an_error_and_resets_the_fallback() {
    let [closed, open, local] = QUOTAS;
    let (fallback, config) = (fallback(), config());
    take(&fallback, &config, &[request(local)]).await.unwrap();

    let reset = async |quota| {
        let requests = [request(quota)];
        decide(&fallback, &config, Operation::Reset, &requests).await
    };

    reset(local).await.unwrap_err();
    let peeked = decide(&fallback, &config, Operation::Peek, &[request(local)]).await;
    assert_eq!(remaining(&peeked.unwrap()), [10]);
    reset(open).await.unwrap_err();
    reset(closed).await.unwrap_err();
}

#[tokio::test]
async fn a_quota_of_the_fallbacks_own_goes_before_the_share() {
    let [.., local] = QUOTAS;
    let own = Quota::per_minute(3).named("local");
    let fallback = fallback();
    let config = Config {
        fallback_quotas: BTreeMap::from([(own.name(), own)]),
        machines: units(5),
        ..config()
    };

    let allowed = take(&fallback, &config, &[request(local)]).await.unwrap();

    assert_eq!(remaining(&allowed), [2]);
    let other = Quota::per_minute(10).named("other");
    let allowed = take(&fallback, &config, &[request(other)]).await.unwrap();
    assert_eq!(remaining(&allowed), [1]);
}
