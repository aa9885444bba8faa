use std::time::Duration;

use tower_edge_core::rate_limit::{Check, Decision, Demand, Settlement, Store};

use crate::request::{Asked, ChargedBy, Deed, FALLBACK_EPOCH, NOBODYS_EPOCH};
use crate::settings::Settings;
use crate::{OnStoreError, RedisStoreError};

/// Decides without the server, in the way that is set for the policies. When it is not the same for all
/// of them the strictest goes.
pub(crate) async fn decide<F: Store>(
    fallback: &F,
    settings: &Settings,
    asked: &[Asked],
    deed: Deed,
    error: RedisStoreError,
) -> Result<Decision, RedisStoreError> {
    let is = |way| move |asked: &Asked| settings.on_error(&asked.policy) == way;
    let mut binding = asked.iter().filter(|asked| asked.is_binding);
    let is_servers = deed.gives_back_for() == Some(ChargedBy::Server);
    if is_servers || binding.any(is(OnStoreError::Closed)) {
        return Err(error);
    }
    if !asked.iter().any(is(OnStoreError::LocalFallback)) {
        return Ok(not_known());
    }
    let shares = asked.iter().map(|asked| {
        let share = settings.shares.of(asked);
        Asked {
            is_binding: asked.is_binding && is(OnStoreError::LocalFallback)(asked),
            owed_until: asked.owed_until.map(fallbacks_time),
            ..share
        }
    });
    let shares: Vec<Asked> = shares.collect();
    let demands: Vec<Demand<'_>> = shares.iter().map(Asked::demand).collect();
    let check = match deed {
        Deed::Charge => fallback.settle(&demands, Settlement::Charge),
        Deed::Check => fallback.check(&demands),
        Deed::Look => fallback.settle(&demands, Settlement::Look),
        Deed::Refund { charged_at } => {
            let charged_at = fallbacks_time(charged_at);
            fallback.settle(&demands, Settlement::Refund { charged_at })
        }
    };
    let decision = match check {
        Check::Now(decision) => decision,
        Check::Later(decision) => decision.await,
    };
    let decision = decision.map_err(|error| RedisStoreError::Fallback(error.into()))?;
    let at = decision.at().saturating_add(FALLBACK_EPOCH).min(LATEST);
    let standings = decision.standings().iter().copied();
    Ok(Decision::new(at, &demands, standings))
}

/// The request is let through, and nobody knows where the client stands.
pub(crate) fn not_known() -> Decision {
    Decision::new(NOBODYS_EPOCH, &[], [])
}

fn fallbacks_time(time: Duration) -> Duration {
    time.saturating_sub(FALLBACK_EPOCH)
}

/// A fallback whose clock is later than that has what it charged come back by itself, and not given back.
const LATEST: Duration = NOBODYS_EPOCH.saturating_sub(Duration::from_nanos(1));

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::{Arc, Mutex};

    use tower_edge::rate_limit::{Clock, MemoryStore};
    use tower_edge_core::rate_limit::{KeyHash, Policy, Standing};

    use super::*;
    use crate::shares::Shares;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Policies `closed`, `open` and `local`, of ten a minute.
    fn policies() -> [Policy; 3] {
        let count = NonZeroU32::new(10).unwrap();
        ["closed", "open", "local"].map(|name| Policy::new(name, count, MINUTE).unwrap())
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

    fn demand(policy: &Policy) -> Demand<'_> {
        Demand::new(policy, KeyHash::from_bits(1))
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
        demands: &[Demand<'_>],
        deed: Deed,
    ) -> Result<Decision, RedisStoreError> {
        let asked: Vec<Asked> = demands.iter().map(Asked::of).collect();
        super::decide(fallback, settings, &asked, deed, RedisStoreError::Paused).await
    }

    #[tokio::test]
    async fn of_several_policies_the_strictest_says_what_becomes_of_a_request() {
        let [closed, open, local] = policies();
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let all = [demand(&closed), demand(&open), demand(&local)];

        let refused = decide(&fallback, &settings, &all, Deed::Check).await;
        assert!(matches!(refused, Err(RedisStoreError::Paused)));

        let observed = [all[0].with_binding(false), all[1], all[2]];
        let decided = decide(&fallback, &settings, &observed, Deed::Check)
            .await
            .unwrap();
        assert_eq!((decided.is_allowed(), decided.standings().len()), (true, 3));

        let let_through = decide(&fallback, &settings, &all[1..2], Deed::Check)
            .await
            .unwrap();
        assert_eq!(let_through, not_known());
    }

    #[tokio::test]
    async fn an_open_policy_refuses_nothing_beside_a_local_one() {
        let [_, open, local] = policies();
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let ten = NonZeroU32::new(10).unwrap();
        let demands = [demand(&open).with_cost(ten), demand(&local)];

        let mut allowed = 0;
        while decide(&fallback, &settings, &demands, Deed::Check)
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
        let [.., local] = policies();
        let fallback = MemoryStore::new(8);
        let settings = Settings {
            shares: Shares::new(NonZeroU32::new(5).unwrap()).into(),
            ..settings()
        };

        let first = decide(&fallback, &settings, &[demand(&local)], Deed::Check)
            .await
            .unwrap();

        assert_eq!(first.standings()[0].remaining(), 1);
    }

    #[tokio::test]
    async fn a_charge_and_its_refund_meet_at_the_fallbacks_time() {
        let [.., local] = policies();
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let demands = [demand(&local)];
        let charged = decide(&fallback, &settings, &demands, Deed::Check)
            .await
            .unwrap();
        let more = decide(&fallback, &settings, &demands, Deed::Charge)
            .await
            .unwrap();
        assert_eq!(more.standings()[0].remaining(), 8);
        assert_eq!(ChargedBy::at(charged.at()), ChargedBy::Fallback);

        let owed_until = charged.at() + charged.standings()[0].reset();
        let refund = Deed::Refund {
            charged_at: charged.at(),
        };
        let owed = [demands[0].with_owed_until(owed_until)];
        let refunded = decide(&fallback, &settings, &owed, refund).await.unwrap();

        assert_eq!(refunded.standings()[0].remaining(), 9);
        let look = decide(&fallback, &settings, &demands, Deed::Look)
            .await
            .unwrap();
        assert_eq!(
            look.standings()
                .iter()
                .map(Standing::remaining)
                .collect::<Vec<_>>(),
            [9]
        );
    }

    #[tokio::test]
    async fn a_late_refund_is_no_credit() {
        let [.., local] = policies();
        let (clock, settings) = (Still::default(), settings());
        let fallback = MemoryStore::new(8).with_clock(clock.clone());
        let demands = [demand(&local)];
        let charged = decide(&fallback, &settings, &demands, Deed::Check)
            .await
            .unwrap();
        let owed_until = charged.at() + charged.standings()[0].reset();
        *clock.0.lock().unwrap() += MINUTE;
        decide(&fallback, &settings, &demands, Deed::Check)
            .await
            .unwrap();

        let refund = Deed::Refund {
            charged_at: charged.at(),
        };
        let owed = [demands[0].with_owed_until(owed_until)];
        let refunded = decide(&fallback, &settings, &owed, refund).await.unwrap();

        assert_eq!(refunded.standings()[0].remaining(), 9);
    }

    #[tokio::test]
    async fn whatever_the_fallbacks_clock_shows_the_fallback_has_decided() {
        let [.., local] = policies();
        let (clock, settings) = (Still::default(), settings());
        let fallback = MemoryStore::new(8).with_clock(clock.clone());
        let demands = [demand(&local)];
        for now in [Duration::ZERO, 150 * 365 * 1440 * MINUTE, Duration::MAX] {
            *clock.0.lock().unwrap() = now;

            let decided = decide(&fallback, &settings, &demands, Deed::Check)
                .await
                .unwrap();

            assert_eq!(ChargedBy::at(decided.at()), ChargedBy::Fallback, "{now:?}");
        }
    }

    #[tokio::test]
    async fn what_the_server_has_charged_the_fallback_does_not_give_back() {
        let [.., local] = policies();
        let (fallback, settings) = (MemoryStore::new(8), settings());
        let demands = [demand(&local)];
        decide(&fallback, &settings, &demands, Deed::Check)
            .await
            .unwrap();

        let charged_at = Duration::from_secs(1_700_000_000);
        let refund = Deed::Refund { charged_at };

        decide(&fallback, &settings, &demands, refund)
            .await
            .unwrap_err();
        let look = decide(&fallback, &settings, &demands, Deed::Look)
            .await
            .unwrap();
        assert_eq!(look.standings()[0].remaining(), 9);
    }
}
