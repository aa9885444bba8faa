use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;

use tower_edge_core::rate_limit::{Algorithm, KeyHash, Quota, QuotaRequest};

/// What each machine allows by itself, of what all of them allow together.
#[derive(Debug)]
pub(crate) struct Shares {
    machines: NonZeroU32,
    /// Keys reach the fallback with a secret of this process, as they do not count on that of all
    /// machines.
    secret: RandomState,
}

impl Shares {
    pub(crate) fn new(machines: NonZeroU32) -> Self {
        Self {
            machines,
            secret: RandomState::new(),
        }
    }

    /// What is requested of the fallback. What costs more than the share, and not more than the whole, costs
    /// all of the share, as it would be refused for ever otherwise.
    pub(crate) fn of(&self, request: &QuotaRequest) -> QuotaRequest {
        let quota = self.quota(&request.quota);
        let is_ever_allowed = request.cost <= request.quota.limit();
        let cost = match is_ever_allowed {
            true => request.cost.min(quota.limit()),
            false => request.cost,
        };
        let mut share = request.clone().with_cost(cost);
        share.key = KeyHash::from_bits(self.secret.hash_one(request.key).into());
        share.quota = quota;
        share
    }

    /// The quota with its count and burst divided, rounded down to no less than 1.
    pub(crate) fn quota(&self, quota: &Quota) -> Quota {
        let divided = |units: u32| (units / self.machines).max(1);
        // What is valid stays valid with a lesser count.
        let share = Quota::new(divided(quota.count()), quota.period());
        let share = share.map_or(*quota, |share| share.named(quota.name()));
        match quota.algorithm() {
            Algorithm::Calendar(calendar) => share.with_calendar(calendar),
            Algorithm::SlidingWindow => share.sliding_window(),
            _ => {
                let burst = divided(quota.limit().get());
                share.try_with_burst(burst).unwrap_or(share)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tower_edge_core::rate_limit::Calendar;

    use super::*;

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn a_share_is_the_count_divided_and_no_less_than_one() {
        let shares = Shares::new(units(50));
        for (count, share) in [(1000, 20), (99, 1), (3, 1)] {
            let quota = Quota::per_minute(count).named("p");
            for quota in [
                quota,
                quota.sliding_window(),
                quota.with_calendar(Calendar::MONTH),
            ] {
                let divided = shares.quota(&quota);

                assert_eq!(divided.count(), share, "{count}");
                assert_eq!(divided.algorithm(), quota.algorithm());
                assert_eq!(divided.period(), quota.period());
                assert_eq!(divided.id(), quota.id());
            }
        }
    }

    #[test]
    fn a_burst_is_divided_as_the_count_is() {
        let shares = Shares::new(units(50));
        for (burst, share) in [(200, 4), (99, 1), (3, 1)] {
            let divided = shares.quota(&Quota::per_minute(1000).with_burst(burst));

            assert_eq!((divided.count(), divided.limit().get()), (20, share));
        }
        // More than a share of one in ten years may have.
        let slow = Quota::new(99, Quota::MAX_PERIOD).unwrap().with_burst(197);
        assert_eq!(shares.quota(&slow).limit().get(), 1);
    }

    #[test]
    fn what_costs_more_than_the_share_costs_all_of_it() {
        let shares = Shares::new(units(50));
        let request = QuotaRequest::new(Quota::per_minute(1000), KeyHash::from_bits(1));
        let cost = |cost| shares.of(&request.clone().with_cost(units(cost))).cost;

        assert_eq!([1, 20, 21, 1000].map(cost), [1, 20, 20, 20].map(units));
        assert_eq!(cost(1001), units(1001));
    }
}
