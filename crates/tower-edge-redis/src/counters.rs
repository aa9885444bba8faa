use std::sync::atomic::{AtomicU64, Ordering};

use crate::{BreakerState, telemetry};

/// What a store has done since it was made, on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Whether the server is asked now.
    pub breaker: BreakerState,
    /// Requests that were refused here, as their wait was not over.
    pub deny_cache_hits: u64,
    /// Questions that the server or the connection did not answer, or not in time.
    pub errors: u64,
    /// Decisions that were made without the server, whichever way.
    pub fallbacks: u64,
    /// Requests that were let through on units taken before.
    pub lease_hits: u64,
    /// Questions to the server, whether it answered or not.
    pub round_trips: u64,
}

/// One of the numbers of [`Counters`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    DenyCacheHit,
    Error,
    Fallback,
    LeaseHit,
    RoundTrip,
}

impl Count {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::DenyCacheHit => "tower_edge_redis_deny_cache_hits_total",
            Self::Error => "tower_edge_redis_errors_total",
            Self::Fallback => "tower_edge_redis_fallbacks_total",
            Self::LeaseHit => "tower_edge_redis_lease_hits_total",
            Self::RoundTrip => "tower_edge_redis_round_trips_total",
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counts([AtomicU64; 5]);

impl Counts {
    pub(crate) fn add(&self, count: Count) {
        self.0[count as usize].fetch_add(1, Ordering::Relaxed);
        telemetry::count(count.name());
    }

    pub(crate) fn read(&self, breaker: BreakerState) -> Counters {
        let read = |count: Count| self.0[count as usize].load(Ordering::Relaxed);
        Counters {
            breaker,
            deny_cache_hits: read(Count::DenyCacheHit),
            errors: read(Count::Error),
            fallbacks: read(Count::Fallback),
            lease_hits: read(Count::LeaseHit),
            round_trips: read(Count::RoundTrip),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_has_a_field() {
        let counts = Counts::default();
        let all = [
            Count::DenyCacheHit,
            Count::Error,
            Count::Fallback,
            Count::LeaseHit,
            Count::RoundTrip,
        ];
        for (count, times) in all.into_iter().zip(1..) {
            (0..times).for_each(|_| counts.add(count));
        }

        let read = counts.read(BreakerState::Open);

        let numbers = [
            read.deny_cache_hits,
            read.errors,
            read.fallbacks,
            read.lease_hits,
            read.round_trips,
        ];
        assert_eq!(
            (numbers, read.breaker),
            ([1, 2, 3, 4, 5], BreakerState::Open)
        );
    }
}
