use std::sync::Arc;

use crate::sync::{AtomicU64, Ordering};
use crate::telemetry::Counted;
use crate::{BreakerState, RedisStoreError};

/// The numbers of operations of a store since it was built, on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// The state of the breaker.
    pub breaker: BreakerState,
    /// Requests that the deny cache rejected without a call.
    pub deny_cache_hits: u64,
    /// Calls that failed: no reply in time, an error, or an invalid reply.
    pub errors: u64,
    /// Decisions that were made without the server. Rejections under `Closed` do not count.
    pub fallbacks: u64,
    /// Requests that were allowed on leased units.
    pub lease_hits: u64,
    /// Calls to the server, with a reply or without.
    pub round_trips: u64,
}

/// A part of one of the numbers of [`Counters`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    DenyCacheHit,
    Fallback,
    LeaseHit,
    RedisError,
    ReplyError,
    RoundTrip,
    Timeout,
}

impl Count {
    pub(crate) const ALL: [Self; 7] = [
        Self::DenyCacheHit,
        Self::Fallback,
        Self::LeaseHit,
        Self::RedisError,
        Self::ReplyError,
        Self::RoundTrip,
        Self::Timeout,
    ];

    /// The count of a failed call.
    pub(crate) const fn of(error: &RedisStoreError) -> Self {
        match error {
            RedisStoreError::Reply => Self::ReplyError,
            RedisStoreError::TimedOut { .. } => Self::Timeout,
            _ => Self::RedisError,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Metrics {
    counts: [AtomicU64; Count::ALL.len()],
    counted: Counted,
}

impl Metrics {
    pub(crate) fn new(store: &Arc<str>) -> Self {
        Self {
            counts: Default::default(),
            counted: Counted::new(store),
        }
    }

    pub(crate) fn add(&self, count: Count) {
        self.counts[count as usize].fetch_add(1, Ordering::Relaxed);
        self.counted.add(count);
    }

    pub(crate) fn counters(&self, breaker: BreakerState) -> Counters {
        let counts = self.counts.each_ref();
        let counts = counts.map(|count| count.load(Ordering::Relaxed));
        let [
            deny_cache_hits,
            fallbacks,
            lease_hits,
            redis,
            reply,
            round_trips,
            timeouts,
        ] = counts;
        Counters {
            breaker,
            deny_cache_hits,
            errors: redis + reply + timeouts,
            fallbacks,
            lease_hits,
            round_trips,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_has_a_field() {
        let metrics = Metrics::new(&"default".into());
        for (count, digit) in Count::ALL.into_iter().zip(0..) {
            (0..1 << digit).for_each(|_| metrics.add(count));
        }

        let read = metrics.counters(BreakerState::Open);

        let numbers = [
            read.deny_cache_hits,
            read.errors,
            read.fallbacks,
            read.lease_hits,
            read.round_trips,
        ];
        assert_eq!(numbers, [1, 8 + 16 + 64, 2, 4, 32]);
        assert_eq!(read.breaker, BreakerState::Open);
    }
}
