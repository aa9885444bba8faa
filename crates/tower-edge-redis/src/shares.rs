use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use tower_edge_core::rate_limit::{Algorithm, KeyHash, Policy};

use crate::request::Asked;

/// What each machine allows by itself, of what all of them allow together.
#[derive(Debug)]
pub(crate) struct Shares {
    machines: NonZeroU32,
    /// Keys reach the fallback with a secret of this process, as they do not count on that of all
    /// machines.
    secret: RandomState,
    known: Mutex<Vec<(Policy, Policy)>>,
}

impl Shares {
    pub(crate) fn new(machines: NonZeroU32) -> Self {
        Self {
            machines,
            secret: RandomState::new(),
            known: Mutex::default(),
        }
    }

    /// What is asked of the fallback. What costs more than the share, and not more than the whole, costs
    /// all of the share, as it would be refused for ever otherwise.
    pub(crate) fn of(&self, asked: &Asked) -> Asked {
        let policy = self.policy(&asked.policy);
        let is_ever_allowed = asked.cost <= asked.policy.count();
        let cost = match is_ever_allowed {
            true => asked.cost.min(policy.count()),
            false => asked.cost,
        };
        let key = KeyHash::from_bits(self.secret.hash_one(asked.key).into());
        Asked {
            policy,
            key,
            cost,
            ..asked.clone()
        }
    }

    pub(crate) fn policy(&self, policy: &Policy) -> Policy {
        if self.machines == NonZeroU32::MIN {
            return policy.clone();
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, share)) = known.iter().find(|(whole, _)| whole == policy) {
            return share.clone();
        }
        let share = divided(policy, self.machines);
        // As many as are in use, unless limits are replaced all the time.
        if known.len() == MOST_KNOWN {
            known.clear();
        }
        known.push((policy.clone(), share.clone()));
        share
    }
}

/// The policy with its count divided, rounded down to no less than 1.
fn divided(policy: &Policy, machines: NonZeroU32) -> Policy {
    let count = policy.count().get() / machines.get();
    let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    let (name, period) = (policy.name(), policy.period());
    let share = match policy.algorithm() {
        Algorithm::Calendar(calendar) => Policy::calendar(name, count, calendar),
        Algorithm::SlidingWindow => Policy::sliding_window(name, count, period),
        _ => Policy::new(name, count, period),
    };
    // What is valid stays valid with a lesser count.
    share.unwrap_or_else(|_| policy.clone())
}

const MOST_KNOWN: usize = 256;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower_edge_core::rate_limit::{Calendar, Demand};

    use super::*;

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn a_share_is_the_count_divided_and_no_less_than_one() {
        let minute = Duration::from_secs(60);
        let shares = Shares::new(units(50));
        for (count, share) in [(1000, 20), (99, 1), (3, 1)] {
            for policy in [
                Policy::new("p", units(count), minute).unwrap(),
                Policy::sliding_window("p", units(count), minute).unwrap(),
                Policy::calendar("p", units(count), Calendar::MONTH).unwrap(),
            ] {
                let divided = shares.policy(&policy);

                assert_eq!(divided.count().get(), share, "{count}");
                assert_eq!(divided.algorithm(), policy.algorithm());
                assert_eq!(divided.id(), policy.id());
                assert_eq!(shares.policy(&policy), divided);
            }
        }
    }

    #[test]
    fn what_costs_more_than_the_share_costs_all_of_it() {
        let shares = Shares::new(units(50));
        let policy = Policy::new("p", units(1000), Duration::from_secs(60)).unwrap();
        let demand = Demand::new(&policy, KeyHash::from_bits(1));
        let cost = |cost| shares.of(&Asked::of(&demand.with_cost(units(cost)))).cost;

        assert_eq!([1, 20, 21, 1000].map(cost), [1, 20, 20, 20].map(units));
        assert_eq!(cost(1001), units(1001));
    }

    #[test]
    fn policies_are_not_remembered_without_end() {
        let shares = Shares::new(units(2));
        for number in 0..1000 {
            let name = number.to_string();
            shares.policy(&Policy::calendar(&name, units(8), Calendar::DAY).unwrap());
        }

        assert!(shares.known.lock().unwrap().len() <= MOST_KNOWN);
    }
}
