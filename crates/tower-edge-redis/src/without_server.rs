use std::time::Duration;

use tower_edge_core::rate_limit::{Decision, Operation, QuotaRequest, Store};

use crate::client::{Batch, FALLBACK};
use crate::settings::Settings;
use crate::{OnStoreError, RedisStoreError};

/// Decides without the server, in the way that is set for the quotas. When it is not the same for all
/// of them the strictest goes.
pub(crate) async fn decide<F: Store>(
    fallback: &F,
    settings: &Settings,
    batch: &Batch,
    error: RedisStoreError,
) -> Result<Decision, RedisStoreError> {
    let Batch {
        operation,
        requests,
        ..
    } = batch;
    let is = |way| move |request: &QuotaRequest| settings.on_error(&request.quota) == way;
    let mut enforced = requests.iter().filter(|request| request.enforced);
    let is_servers = *operation == Operation::Refund && !batch.is_of_fallback();
    if is_servers || enforced.any(is(OnStoreError::Closed)) {
        return Err(error);
    }
    if !requests.iter().any(is(OnStoreError::LocalFallback)) {
        // Nobody has reset anything.
        return match operation {
            Operation::Reset => Err(error),
            _ => Ok(unlimited()),
        };
    }
    let shares = requests.iter().map(|request| {
        let enforced = request.enforced && is(OnStoreError::LocalFallback)(request);
        settings.shares.of(request).with_enforced(enforced)
    });
    let shares: Vec<QuotaRequest> = shares.collect();
    let decision = fallback.apply(*operation, &shares, None).wait().await;
    match decision {
        Ok(decision) => Ok(decision.with_issuer(FALLBACK).with_limits_of(requests)),
        Err(error) => Err(RedisStoreError::Fallback(error.into())),
    }
}

/// The request is let through, and nobody knows what is left.
pub(crate) fn unlimited() -> Decision {
    Decision::new(Duration::ZERO, &[], [])
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::{Arc, Mutex};

    use tower_edge::rate_limit::MemoryStore;
    use tower_edge::rate_limit::memory::Clock;
    use tower_edge_core::rate_limit::{KeyHash, Quota, QuotaState};

    use super::*;
    use crate::shares::Shares;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Quotas `closed`, `open` and `local`, of ten a minute.
    const QUOTAS: [Quota; 3] = [
        Quota::per_minute(10).named("closed"),
        Quota::per_minute(10).named("open"),
        Quota::per_minute(10).named("local"),
    ];

    fn settings() -> Settings {
        Settings {
            on_error_for: vec![
                ("closed".into(), OnStoreError::Closed),
                ("open".into(), OnStoreError::Open),
            ],
            ..Settings::default()
        }
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
        fallback: &impl Store,
        settings: &Settings,
        operation: Operation,
        requests: &[QuotaRequest],
    ) -> Result<Decision, RedisStoreError> {
        let batch = Batch::new(operation, requests.to_vec());
        super::decide(fallback, settings, &batch, RedisStoreError::Paused).await
    }

    async fn take(
        fallback: &impl Store,
        settings: &Settings,
        requests: &[QuotaRequest],
    ) -> Result<Decision, RedisStoreError> {
        decide(fallback, settings, Operation::TryAcquire, requests).await
    }

    fn remaining(decision: &Decision) -> Vec<u32> {
        let states = decision.states().iter();
        states.map(QuotaState::remaining).collect()
    }

    #[tokio::test]
    async fn of_several_policies_the_strictest_says_what_becomes_of_a_request() {
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let mut all = QUOTAS.map(request);

        let refused = take(&fallback, &settings, &all).await;
        assert!(matches!(refused, Err(RedisStoreError::Paused)));

        all[0].enforced = false;
        let decided = take(&fallback, &settings, &all).await.unwrap();
        assert_eq!((decided.is_allowed(), decided.states().len()), (true, 3));

        let let_through = take(&fallback, &settings, &all[1..2]).await.unwrap();
        assert_eq!(let_through, unlimited());
    }

    #[tokio::test]
    async fn an_open_policy_refuses_nothing_beside_a_local_one() {
        let [_, open, local] = QUOTAS;
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let ten = NonZeroU32::new(10).unwrap();
        let requests = [request(open).with_cost(ten), request(local)];

        let mut allowed = 0;
        while take(&fallback, &settings, &requests)
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
        let fallback = MemoryStore::new(8);
        let settings = Settings {
            shares: Shares::new(NonZeroU32::new(5).unwrap()).into(),
            ..settings()
        };

        let first = take(&fallback, &settings, &[request(local)]).await.unwrap();

        assert_eq!(remaining(&first), [1]);
    }

    #[tokio::test]
    async fn a_charge_and_its_refund_meet_at_the_fallbacks_time() {
        let [.., local] = QUOTAS;
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let requests = [request(local)];
        let charged = take(&fallback, &settings, &requests).await.unwrap();
        let more = decide(&fallback, &settings, Operation::Acquire, &requests)
            .await
            .unwrap();
        assert_eq!(remaining(&more), [8]);

        let owed = request(local).with_receipt(charged.receipt(0).unwrap());
        let refunded = decide(&fallback, &settings, Operation::Refund, &[owed])
            .await
            .unwrap();

        assert_eq!(remaining(&refunded), [9]);
        let peeked = decide(&fallback, &settings, Operation::Peek, &requests)
            .await
            .unwrap();
        assert_eq!(remaining(&peeked), [9]);
    }

    #[tokio::test]
    async fn a_late_refund_is_no_credit() {
        let [.., local] = QUOTAS;
        let (clock, settings) = (Still::default(), settings());
        let fallback = MemoryStore::new(8).with_clock(clock.clone());
        let charged = take(&fallback, &settings, &[request(local)]).await.unwrap();
        *clock.0.lock().unwrap() += MINUTE;
        take(&fallback, &settings, &[request(local)]).await.unwrap();

        let owed = request(local).with_receipt(charged.receipt(0).unwrap());
        let refunded = decide(&fallback, &settings, Operation::Refund, &[owed])
            .await
            .unwrap();

        assert_eq!(remaining(&refunded), [9]);
    }

    #[tokio::test]
    async fn whatever_the_fallbacks_clock_shows_the_fallback_has_decided() {
        let [.., local] = QUOTAS;
        let (clock, settings) = (Still::default(), settings());
        let fallback = MemoryStore::new(8).with_clock(clock.clone());
        for now in [Duration::ZERO, 150 * 365 * 1440 * MINUTE, Duration::MAX] {
            *clock.0.lock().unwrap() = now;

            let decided = take(&fallback, &settings, &[request(local)]).await.unwrap();

            let owed = request(local).with_receipt(decided.receipt(0).unwrap());
            let refund = Batch::new(Operation::Refund, vec![owed]);
            assert!(refund.is_of_fallback(), "{now:?}");
        }
    }

    #[tokio::test]
    async fn what_the_server_has_charged_the_fallback_does_not_give_back() {
        let [.., local] = QUOTAS;
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let requests = [request(local)];
        let charged = take(&fallback, &settings, &requests).await.unwrap();
        let of_server = charged.with_issuer(0).receipt(0).unwrap();

        let refund = [request(local).with_receipt(of_server)];
        for refund in [&refund, &requests] {
            decide(&fallback, &settings, Operation::Refund, refund)
                .await
                .unwrap_err();
        }
        let peeked = decide(&fallback, &settings, Operation::Peek, &requests)
            .await
            .unwrap();
        assert_eq!(remaining(&peeked), [9]);
    }

    #[tokio::test]
    async fn a_reset_is_done_by_the_fallback_or_is_an_error() {
        let [closed, open, local] = QUOTAS;
        let (fallback, settings) = (MemoryStore::new(8), settings());
        take(&fallback, &settings, &[request(local)]).await.unwrap();

        let reset = async |quota| {
            let requests = [request(quota)];
            decide(&fallback, &settings, Operation::Reset, &requests).await
        };

        assert_eq!(remaining(&reset(local).await.unwrap()), [10]);
        reset(open).await.unwrap_err();
        reset(closed).await.unwrap_err();
    }
}
