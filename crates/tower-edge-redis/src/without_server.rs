use std::time::Duration;

use tower_edge_core::rate_limit::{Decision, Operation, QuotaRequest, Store};

use crate::request::{Batch, FALLBACK};
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
            _ => Ok(not_known()),
        };
    }
    let shares = requests.iter().map(|request| {
        let enforced = request.enforced && is(OnStoreError::LocalFallback)(request);
        settings.shares.of(request).with_enforced(enforced)
    });
    let shares: Vec<QuotaRequest> = shares.collect();
    let decision = fallback.apply(*operation, &shares, None).wait().await;
    match decision {
        Ok(decision) => Ok(decision.with_issuer(FALLBACK)),
        Err(error) => Err(RedisStoreError::Fallback(error.into())),
    }
}

/// The request is let through, and nobody knows what is left.
pub(crate) fn not_known() -> Decision {
    Decision::new(Duration::ZERO, &[], [])
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::{Arc, Mutex};

    use tower_edge::rate_limit::{Clock, MemoryStore};
    use tower_edge_core::rate_limit::{KeyHash, Quota, QuotaState};

    use super::*;
    use crate::shares::Shares;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Quotas `closed`, `open` and `local`, of ten a minute.
    fn quotas() -> [Quota; 3] {
        let count = NonZeroU32::new(10).unwrap();
        ["closed", "open", "local"].map(|name| Quota::new(name, count, MINUTE).unwrap())
    }

    fn settings() -> Settings {
        Settings {
            on_error_for: vec![
                ("closed".into(), OnStoreError::Closed),
                ("open".into(), OnStoreError::Open),
            ],
            ..Settings::default()
        }
    }

    fn request(quota: &Quota) -> QuotaRequest {
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
        requests: &[QuotaRequest],
        deed: Deed,
    ) -> Result<Decision, RedisStoreError> {
        let asked: Vec<Asked> = requests.iter().map(Asked::of).collect();
        super::decide(fallback, settings, &asked, deed, RedisStoreError::Paused).await
    }

    #[tokio::test]
    async fn of_several_policies_the_strictest_says_what_becomes_of_a_request() {
        let [closed, open, local] = quotas();
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let all = [request(&closed), request(&open), request(&local)];

        let refused = decide(&fallback, &settings, &all, Deed::Check).await;
        assert!(matches!(refused, Err(RedisStoreError::Paused)));

        let observed = [all[0].with_enforced(false), all[1], all[2]];
        let decided = decide(&fallback, &settings, &observed, Deed::Check)
            .await
            .unwrap();
        assert_eq!((decided.is_allowed(), decided.states().len()), (true, 3));

        let let_through = decide(&fallback, &settings, &all[1..2], Deed::Check)
            .await
            .unwrap();
        assert_eq!(let_through, not_known());
    }

    #[tokio::test]
    async fn an_open_policy_refuses_nothing_beside_a_local_one() {
        let [_, open, local] = quotas();
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let ten = NonZeroU32::new(10).unwrap();
        let requests = [request(&open).with_cost(ten), request(&local)];

        let mut allowed = 0;
        while decide(&fallback, &settings, &requests, Deed::Check)
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
        let [.., local] = quotas();
        let fallback = MemoryStore::new(8);
        let settings = Settings {
            shares: Shares::new(NonZeroU32::new(5).unwrap()).into(),
            ..settings()
        };

        let first = decide(&fallback, &settings, &[request(&local)], Deed::Check)
            .await
            .unwrap();

        assert_eq!(first.states()[0].remaining(), 1);
    }

    #[tokio::test]
    async fn a_charge_and_its_refund_meet_at_the_fallbacks_time() {
        let [.., local] = quotas();
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let requests = [request(&local)];
        let charged = decide(&fallback, &settings, &requests, Deed::Check)
            .await
            .unwrap();
        let more = decide(&fallback, &settings, &requests, Deed::Charge)
            .await
            .unwrap();
        assert_eq!(more.states()[0].remaining(), 8);
        assert_eq!(ChargedBy::at(charged.at()), ChargedBy::Fallback);

        let owed_until = charged.at() + charged.states()[0].reset();
        let refund = Deed::Refund {
            charged_at: charged.at(),
        };
        let owed = [requests[0].with_owed_until(owed_until)];
        let refunded = decide(&fallback, &settings, &owed, refund).await.unwrap();

        assert_eq!(refunded.states()[0].remaining(), 9);
        let look = decide(&fallback, &settings, &requests, Deed::Look)
            .await
            .unwrap();
        assert_eq!(
            look.states()
                .iter()
                .map(QuotaState::remaining)
                .collect::<Vec<_>>(),
            [9]
        );
    }

    #[tokio::test]
    async fn a_late_refund_is_no_credit() {
        let [.., local] = quotas();
        let (clock, settings) = (Still::default(), settings());
        let fallback = MemoryStore::new(8).with_clock(clock.clone());
        let requests = [request(&local)];
        let charged = decide(&fallback, &settings, &requests, Deed::Check)
            .await
            .unwrap();
        let owed_until = charged.at() + charged.states()[0].reset();
        *clock.0.lock().unwrap() += MINUTE;
        decide(&fallback, &settings, &requests, Deed::Check)
            .await
            .unwrap();

        let refund = Deed::Refund {
            charged_at: charged.at(),
        };
        let owed = [requests[0].with_owed_until(owed_until)];
        let refunded = decide(&fallback, &settings, &owed, refund).await.unwrap();

        assert_eq!(refunded.states()[0].remaining(), 9);
    }

    #[tokio::test]
    async fn whatever_the_fallbacks_clock_shows_the_fallback_has_decided() {
        let [.., local] = quotas();
        let (clock, settings) = (Still::default(), settings());
        let fallback = MemoryStore::new(8).with_clock(clock.clone());
        let requests = [request(&local)];
        for now in [Duration::ZERO, 150 * 365 * 1440 * MINUTE, Duration::MAX] {
            *clock.0.lock().unwrap() = now;

            let decided = decide(&fallback, &settings, &requests, Deed::Check)
                .await
                .unwrap();

            assert_eq!(ChargedBy::at(decided.at()), ChargedBy::Fallback, "{now:?}");
        }
    }

    #[tokio::test]
    async fn what_the_server_has_charged_the_fallback_does_not_give_back() {
        let [.., local] = quotas();
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let requests = [request(&local)];
        decide(&fallback, &settings, &requests, Deed::Check)
            .await
            .unwrap();

        let charged_at = Duration::from_secs(1_700_000_000);
        let refund = Deed::Refund { charged_at };

        decide(&fallback, &settings, &requests, refund)
            .await
            .unwrap_err();
        let look = decide(&fallback, &settings, &requests, Deed::Look)
            .await
            .unwrap();
        assert_eq!(look.states()[0].remaining(), 9);
    }
}
