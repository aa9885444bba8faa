use std::num::NonZeroU32;
use std::time::Duration;

use smallvec::SmallVec;

use super::quota::nanos;
use super::{KeyHash, Quota};

/// One request under one quota.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaRequest {
    /// How many units are acquired. The default is 1.
    pub cost: NonZeroU32,
    /// Whether the quota may reject the request. A quota that is not enforced is charged when it allows the request
    /// itself and no other quota rejects it.
    pub enforced: bool,
    /// Whose quota it is.
    pub key: KeyHash,
    /// The quota that the request is under.
    pub quota: Quota,
    /// For a refund, the receipt of the charge. Without a receipt, the charge counts as made now.
    pub receipt: Option<Receipt>,
}

impl QuotaRequest {
    /// One unit of a quota that is enforced.
    #[must_use]
    pub const fn new(quota: Quota, key: KeyHash) -> Self {
        Self {
            cost: NonZeroU32::MIN,
            enforced: true,
            key,
            quota,
            receipt: None,
        }
    }

    /// Sets how many units are acquired.
    #[must_use]
    pub const fn with_cost(mut self, cost: NonZeroU32) -> Self {
        self.cost = cost;
        self
    }

    /// Sets whether the quota may reject the request.
    #[must_use]
    pub const fn with_enforced(mut self, enforced: bool) -> Self {
        self.enforced = enforced;
        self
    }

    /// Sets the receipt of the charge, for a refund.
    #[must_use]
    pub const fn with_receipt(mut self, receipt: Receipt) -> Self {
        self.receipt = Some(receipt);
        self
    }
}

/// What is left of one quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaState {
    is_allowed: bool,
    limit: u32,
    remaining: u32,
    // Nanoseconds: a future keeps some of these, and a `Duration` is twice as large.
    reset: u64,
    wait: u64,
}

impl QuotaState {
    /// The state of a quota that allows the request. The next request of the same cost has to wait for `wait`.
    #[inline]
    #[must_use]
    pub fn allowed(
        limit: NonZeroU32,
        remaining: u32,
        reset: Duration,
        wait: Option<Duration>,
    ) -> Self {
        Self {
            is_allowed: true,
            limit: limit.get(),
            remaining,
            reset: nanos(reset).min(NEVER - 1),
            wait: wait.map_or(NEVER, |wait| nanos(wait).min(NEVER - 1)),
        }
    }

    /// The state of a quota that rejects the request until `wait` is over. Without a `wait` it never allows the
    /// request, which costs more than the quota allows at once.
    #[inline]
    #[must_use]
    pub fn rejected(
        limit: NonZeroU32,
        remaining: u32,
        reset: Duration,
        wait: Option<Duration>,
    ) -> Self {
        Self {
            is_allowed: false,
            ..Self::allowed(limit, remaining, reset, wait)
        }
    }

    /// The state of a quota that allows the request if it was charged, or if the `wait` is zero.
    #[inline]
    #[must_use]
    pub fn after(
        is_charged: bool,
        limit: NonZeroU32,
        remaining: u32,
        reset: Duration,
        wait: Option<Duration>,
    ) -> Self {
        Self {
            is_allowed: is_charged || wait == Some(Duration::ZERO),
            ..Self::allowed(limit, remaining, reset, wait)
        }
    }

    /// Whether the quota allows the request.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// The most that is allowed at once: [`Quota::limit`].
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// How much is left.
    #[must_use]
    pub const fn remaining(&self) -> u32 {
        self.remaining
    }

    /// How much of the limit is used.
    #[must_use]
    pub const fn used(&self) -> u32 {
        self.limit.saturating_sub(self.remaining)
    }

    /// How long it is until the full quota is back.
    #[inline]
    #[must_use]
    pub const fn reset(&self) -> Duration {
        Duration::from_nanos(self.reset)
    }

    /// How long it is until a request of the same cost is allowed: zero if it is allowed now, `None` if it never is.
    #[inline]
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        match self.wait {
            NEVER => None,
            wait => Some(Duration::from_nanos(wait)),
        }
    }

    /// Whether a client should see this state rather than the other. A rejection goes before an allowance. Of two
    /// rejections, the longer wait goes first; of two allowances, the smaller remainder. Of equal states, the longer
    /// wait goes first, and then the later reset.
    #[inline]
    #[must_use]
    pub const fn is_more_restrictive_than(&self, other: &Self) -> bool {
        match (self.is_allowed, other.is_allowed) {
            (false, true) => true,
            (true, false) => false,
            (true, true) if self.remaining != other.remaining => self.remaining < other.remaining,
            _ if self.wait != other.wait => self.wait > other.wait,
            _ => self.reset > other.reset,
        }
    }
}

const NEVER: u64 = u64::MAX;

/// What a [`Store`](super::Store) has decided about all quotas of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    at: u64,
    issuer: u32,
    is_allowed: bool,
    most_restrictive: u16,
    states: SmallVec<[QuotaState; 2]>,
}

impl Decision {
    /// The request is allowed if every enforced quota allows it. The states belong to the requests, in the same order.
    /// `at` is the time by the store's own clock, since the moment that it counts from.
    #[inline]
    #[must_use]
    pub fn new(
        at: Duration,
        requests: &[QuotaRequest],
        states: impl IntoIterator<Item = QuotaState>,
    ) -> Self {
        let mut known = SmallVec::new();
        let mut most_restrictive: Option<(u16, QuotaState)> = None;
        for ((state, index), request) in states.into_iter().zip(0..u16::MAX).zip(requests) {
            let is_more = most_restrictive
                .as_ref()
                .is_none_or(|(_, known)| state.is_more_restrictive_than(known));
            if request.enforced && is_more {
                most_restrictive = Some((index, state));
            }
            known.push(state);
        }
        Self {
            at: nanos(at),
            issuer: 0,
            is_allowed: most_restrictive.is_none_or(|(_, state)| state.is_allowed()),
            most_restrictive: most_restrictive.map_or(u16::MAX, |(index, _)| index),
            states: known,
        }
    }

    /// The decision about one request.
    #[inline]
    #[must_use]
    pub fn one(at: Duration, request: &QuotaRequest, state: QuotaState) -> Self {
        Self {
            at: nanos(at),
            issuer: 0,
            is_allowed: state.is_allowed() || !request.enforced,
            most_restrictive: if request.enforced { 0 } else { u16::MAX },
            states: SmallVec::from_buf_and_len([state; 2], 1),
        }
    }

    /// Marks the [receipts](Self::receipt) of this decision with a number, for a store that has several ways to decide.
    /// The default is 0.
    #[must_use]
    pub const fn with_issuer(mut self, issuer: u32) -> Self {
        self.issuer = issuer;
        self
    }

    /// Replaces the limits of the states by those of these quotas, for a store that decides by a share of each quota.
    #[must_use]
    pub fn with_limits_of(mut self, requests: &[QuotaRequest]) -> Self {
        for (state, request) in self.states.iter_mut().zip(requests) {
            state.limit = request.quota.limit().get();
        }
        self
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

    /// What is left of each quota, in the order of the requests.
    #[must_use]
    pub fn states(&self) -> &[QuotaState] {
        &self.states
    }

    /// The index of the most restrictive state, for a client that receives a single one. Of the enforced quotas, it is
    /// the one with the least remaining, or on a rejection the one with the longest wait. `None` if no quota is
    /// enforced.
    #[must_use]
    pub fn most_restrictive(&self) -> Option<usize> {
        let index = usize::from(self.most_restrictive);
        (index < self.states.len()).then_some(index)
    }

    /// The receipt for what was charged to the quota of this index, to hand back with a
    /// [refund](super::Operation::Refund).
    #[must_use]
    pub fn receipt(&self, index: usize) -> Option<Receipt> {
        let state = self.states.get(index)?;
        Some(Receipt {
            charged_at: self.at,
            full_at: self.at.saturating_add(state.reset),
            issuer: self.issuer,
        })
    }
}

/// What was charged, and by whom. Only the store that issued it reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    charged_at: u64,
    full_at: u64,
    issuer: u32,
}

impl Receipt {
    /// When it was charged, by the store's own clock.
    #[must_use]
    pub const fn charged_at(&self) -> Duration {
        Duration::from_nanos(self.charged_at)
    }

    /// When the full quota was to be back after the charge, by the store's own clock. A refund leaves out the units
    /// that have come back since.
    #[must_use]
    pub const fn full_at(&self) -> Duration {
        Duration::from_nanos(self.full_at)
    }

    /// The mark of [`Decision::with_issuer`].
    #[must_use]
    pub const fn issuer(&self) -> u32 {
        self.issuer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();

    fn decision(states: &[(bool, QuotaState)]) -> Decision {
        let request = QuotaRequest::new(Quota::per_second(1), KeyHash::from_bits(0));
        let requests: Vec<_> = states
            .iter()
            .map(|(enforced, _)| request.clone().with_enforced(*enforced))
            .collect();
        Decision::new(SECOND, &requests, states.iter().map(|(_, state)| *state))
    }

    fn allowed(remaining: u32) -> QuotaState {
        QuotaState::allowed(TEN, remaining, SECOND, Some(SECOND))
    }

    fn rejected(wait: Option<Duration>) -> QuotaState {
        QuotaState::rejected(TEN, 0, SECOND, wait)
    }

    #[test]
    fn one_rejection_rejects_and_is_the_most_restrictive() {
        let decision = decision(&[
            (true, allowed(0)),
            (true, rejected(Some(SECOND))),
            (true, rejected(Some(2 * SECOND))),
        ]);

        assert!(!decision.is_allowed());
        assert_eq!(decision.most_restrictive(), Some(2));
    }

    #[test]
    fn a_quota_that_is_not_enforced_rejects_nothing() {
        let observed = decision(&[
            (false, rejected(Some(SECOND))),
            (true, allowed(7)),
            (true, allowed(3)),
        ]);
        assert!(observed.is_allowed());
        assert_eq!(observed.most_restrictive(), Some(2));

        let none_is_enforced = decision(&[(false, rejected(Some(SECOND)))]);
        assert!(none_is_enforced.is_allowed());
        assert_eq!(none_is_enforced.most_restrictive(), None);
    }

    #[test]
    fn without_requests_all_is_allowed() {
        let nothing = decision(&[]);

        assert!(nothing.is_allowed());
        assert_eq!(nothing.most_restrictive(), None);
    }

    #[test]
    fn a_receipt_has_the_time_and_the_issuer_of_the_charge() {
        let decision = decision(&[(true, allowed(1))]).with_issuer(7);

        let receipt = decision.receipt(0).unwrap();
        assert_eq!(
            (receipt.charged_at(), receipt.full_at(), receipt.issuer()),
            (SECOND, 2 * SECOND, 7)
        );
        assert_eq!(decision.receipt(1), None);
    }

    #[test]
    fn a_share_is_described_by_the_limit_of_the_whole() {
        let whole = QuotaRequest::new(Quota::per_second(40), KeyHash::from_bits(0));

        let decision = decision(&[(true, allowed(3))]).with_limits_of(&[whole]);

        let state = decision.states()[0];
        assert_eq!(
            (state.limit(), state.remaining(), state.used()),
            (40, 3, 37)
        );
    }

    #[test]
    fn a_state_with_less_or_for_longer_is_more_restrictive() {
        let later = |reset, wait| QuotaState::allowed(TEN, 0, reset, Some(wait));
        let order = [
            rejected(None),
            rejected(Some(2 * SECOND)),
            rejected(Some(SECOND)),
            QuotaState::allowed(TEN, 0, SECOND, None),
            later(SECOND, 3 * SECOND),
            later(9 * SECOND, SECOND),
            later(2 * SECOND, SECOND),
            allowed(2),
            allowed(9),
        ];

        for (at, more) in order.iter().enumerate() {
            assert!(!more.is_more_restrictive_than(more));
            for less in &order[at + 1..] {
                assert!(more.is_more_restrictive_than(less), "{more:?} {less:?}");
                assert!(!less.is_more_restrictive_than(more), "{less:?} {more:?}");
            }
        }
    }

    #[test]
    fn a_wait_of_centuries_is_not_for_ever() {
        let state = rejected(Some(Duration::MAX));

        assert_eq!(state.wait(), Some(Duration::from_nanos(u64::MAX - 1)));
        assert_eq!((state.used(), state.limit()), (10, 10));
    }
}
