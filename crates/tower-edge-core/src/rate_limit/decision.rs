use std::num::NonZeroU32;
use std::time::Duration;

use smallvec::SmallVec;

use super::standing::nanos;
use super::{KeyHash, Policy, Standing};

/// What one request asks of one policy.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Demand<'a> {
    /// The policy that has to allow it.
    pub policy: &'a Policy,
    /// Whose allowance is charged.
    pub key: KeyHash,
    /// How much is charged.
    pub cost: NonZeroU32,
    /// Whether a refusal of this demand refuses the request. One that does not bind is charged when
    /// its own policy allows it and no other demand refuses the request.
    pub is_binding: bool,
    /// For a refund: until when the account owed something once this was charged, by the store's clock.
    /// What has come back by itself since is not given back a second time.
    pub owed_until: Option<Duration>,
}

impl<'a> Demand<'a> {
    /// A demand of cost 1 that binds.
    #[must_use]
    pub const fn new(policy: &'a Policy, key: KeyHash) -> Self {
        Self {
            policy,
            key,
            cost: NonZeroU32::MIN,
            is_binding: true,
            owed_until: None,
        }
    }

    /// Sets what is charged.
    #[must_use]
    pub const fn with_cost(mut self, cost: NonZeroU32) -> Self {
        self.cost = cost;
        self
    }

    /// Sets until when the account owed something once this was charged, for a refund:
    /// [`Decision::at`](super::Decision::at) and [`Standing::reset`](super::Standing::reset) after it.
    #[must_use]
    pub const fn with_owed_until(mut self, owed_until: Duration) -> Self {
        self.owed_until = Some(owed_until);
        self
    }

    /// Sets whether a refusal refuses the request.
    #[must_use]
    pub const fn with_binding(mut self, is_binding: bool) -> Self {
        self.is_binding = is_binding;
        self
    }
}

/// What a [`Store`](super::Store) has decided about all demands of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    // Nanoseconds, and few places: a future keeps all of this.
    at: u64,
    is_allowed: bool,
    standings: SmallVec<[Standing; 2]>,
    strictest: u8,
}

impl Decision {
    /// The request is allowed when every demand that binds is. The standings are those of the
    /// demands, one each and in their order; `at` is the time by the store's own clock, since the moment
    /// that it counts from. No request makes more than 255 demands.
    #[inline]
    #[must_use]
    pub fn new(
        at: Duration,
        demands: &[Demand<'_>],
        standings: impl IntoIterator<Item = Standing>,
    ) -> Self {
        let mut told = SmallVec::new();
        let mut strictest: Option<(u8, Standing)> = None;
        for (standing, place) in standings.into_iter().zip(0..u8::MAX) {
            let is_binding = demands
                .get(told.len())
                .is_some_and(|demand| demand.is_binding);
            if is_binding && strictest.is_none_or(|(_, known)| standing.is_stricter_than(&known)) {
                strictest = Some((place, standing));
            }
            told.push(standing);
        }
        Self {
            at: nanos(at),
            is_allowed: strictest.is_none_or(|(_, standing)| standing.is_allowed()),
            strictest: strictest.map_or(u8::MAX, |(place, _)| place),
            standings: told,
        }
    }

    /// The decision about one demand.
    #[inline]
    #[must_use]
    pub fn one(at: Duration, demand: &Demand<'_>, standing: Standing) -> Self {
        Self {
            at: nanos(at),
            is_allowed: standing.is_allowed() || !demand.is_binding,
            standings: SmallVec::from_buf_and_len([standing; 2], 1),
            strictest: if demand.is_binding { 0 } else { u8::MAX },
        }
    }

    /// When this was decided, by the store's own clock.
    #[must_use]
    pub const fn at(&self) -> Duration {
        Duration::from_nanos(self.at)
    }

    /// Whether the request may go on.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// Where the client stands under the policy of each demand, in the order of the demands.
    #[must_use]
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// The place of the demand that a client is told of when it is told of one: of those that bind,
    /// the one with the least remaining, and on a refusal the one with the longest wait. `None` when
    /// none binds.
    #[must_use]
    pub fn strictest(&self) -> Option<usize> {
        let place = usize::from(self.strictest);
        (place < self.standings.len()).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::rate_limit::{KeyHash, Policy};

    const SECOND: Duration = Duration::from_secs(1);

    fn decision(standings: &[(bool, Standing)]) -> Decision {
        let policy = Policy::new("p", NonZeroU32::MIN, SECOND).unwrap();
        let demand = Demand::new(&policy, KeyHash::from_bits(0));
        let demands: Vec<_> = standings
            .iter()
            .map(|(is_binding, _)| demand.with_binding(*is_binding))
            .collect();
        Decision::new(
            SECOND,
            &demands,
            standings.iter().map(|(_, standing)| *standing),
        )
    }

    fn allowed(remaining: u32) -> Standing {
        Standing::allowed(remaining, SECOND, Some(SECOND))
    }

    fn refused(wait: Duration) -> Standing {
        Standing::refused(0, SECOND, Some(wait))
    }

    #[test]
    fn one_refusal_refuses_and_is_what_the_client_is_told_of() {
        let decision = decision(&[
            (true, allowed(0)),
            (true, refused(SECOND)),
            (true, refused(2 * SECOND)),
        ]);

        assert!(!decision.is_allowed());
        assert_eq!(decision.strictest(), Some(2));
    }

    #[test]
    fn what_does_not_bind_refuses_nothing_and_is_not_told() {
        let observed = decision(&[
            (false, refused(SECOND)),
            (true, allowed(7)),
            (true, allowed(3)),
        ]);
        assert!(observed.is_allowed());
        assert_eq!(observed.strictest(), Some(2));

        let nothing_binds = decision(&[(false, refused(SECOND))]);
        assert!(nothing_binds.is_allowed());
        assert_eq!(nothing_binds.strictest(), None);
    }

    #[test]
    fn without_demands_the_request_is_allowed() {
        let nothing = decision(&[]);

        assert!(nothing.is_allowed());
        assert_eq!(nothing.strictest(), None);
    }
}
