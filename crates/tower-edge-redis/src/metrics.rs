use crate::sync::{AtomicU64, Ordering};
use crate::{BreakerState, telemetry};

/// What a store has done since it was built, on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Whether the server is called now.
    pub breaker: BreakerState,
    /// Requests that were rejected here, as their wait was not over.
    pub deny_cache_hits: u64,
    /// Calls that the server or the connection did not answer, or not in time.
    pub errors: u64,
    /// Decisions that were made without the server. A rejection of what is `Closed` is none.
    pub fallbacks: u64,
    /// Requests that were allowed on leased units.
    pub lease_hits: u64,
    /// Calls to the server, whether it answered or not.
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

/// The name of each count, in order.
const NAMES: [&str; 5] = [
    "tower_edge_redis_deny_cache_hits_total",
    "tower_edge_redis_errors_total",
    "tower_edge_redis_fallbacks_total",
    "tower_edge_redis_lease_hits_total",
    "tower_edge_redis_round_trips_total",
];

#[derive(Debug, Default)]
pub(crate) struct Metrics([AtomicU64; NAMES.len()]);

impl Metrics {
    pub(crate) fn add(&self, count: Count) {
        self.0[count as usize].fetch_add(1, Ordering::Relaxed);
        telemetry::count(NAMES[count as usize]);
    }

    pub(crate) fn counters(&self, breaker: BreakerState) -> Counters {
        let [deny_cache_hits, errors, fallbacks, lease_hits, round_trips] =
            self.0.each_ref().map(|count| count.load(Ordering::Relaxed));
        Counters {
            breaker,
            deny_cache_hits,
            errors,
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
        let metrics = Metrics::default();
        let all = [
            Count::DenyCacheHit,
            Count::Error,
            Count::Fallback,
            Count::LeaseHit,
            Count::RoundTrip,
        ];
        for (count, times) in all.into_iter().zip(1..) {
            (0..times).for_each(|_| metrics.add(count));
        }

        let read = metrics.counters(BreakerState::Open);

        let numbers = [
            read.deny_cache_hits,
            read.errors,
            read.fallbacks,
            read.lease_hits,
            read.round_trips,
        ];
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert_eq!(read.breaker, BreakerState::Open);
    }
}
