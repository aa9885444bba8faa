//! What is logged and counted: nothing without the features `tracing` and `metrics`, whose `cfg` stand here
//! alone.

use crate::RedisStoreError;

/// Whether anything is logged.
pub(crate) const LOGS: bool = cfg!(feature = "tracing");

/// Logs that the server is lost, and why: the error and its source, which says itself what its own is.
/// Neither has the server's URL or its credentials.
pub(crate) fn log_lost(error: &RedisStoreError) {
    #[cfg(feature = "tracing")]
    {
        let source = std::error::Error::source(error);
        let source = source.map_or_else(String::new, |source| format!(": {source}"));
        tracing::warn!(
            target: "tower_edge_redis",
            error = %format_args!("{error}{source}"),
            "the Redis server is lost: limits are not shared until it is back"
        );
    }
    #[cfg(not(feature = "tracing"))]
    let _ = error;
}

/// Logs that the server is back.
pub(crate) fn log_back() {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "tower_edge_redis", "the Redis server is back: limits are shared again");
}

/// Adds one to the counter of this name.
pub(crate) fn count(name: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!(name).increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = name;
}

/// Records whether the breaker is open.
pub(crate) fn breaker_is_open(is_open: bool) {
    #[cfg(feature = "metrics")]
    metrics::gauge!("tower_edge_redis_breaker_open").set(f64::from(u8::from(is_open)));
    #[cfg(not(feature = "metrics"))]
    let _ = is_open;
}

#[cfg(feature = "metrics")]
#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use metrics::{
        Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder,
        SharedString, Unit,
    };
    use tokio::time::advance;

    use crate::breaker::Breaker;
    use crate::config::FAILURES;
    use crate::metrics::{Count, Metrics};

    /// What was recorded, in order.
    #[derive(Clone, Default)]
    struct Recorded(Arc<Mutex<Vec<String>>>);

    struct One(Recorded, String);

    impl One {
        fn record(&self, value: &str) {
            self.0.0.lock().unwrap().push(format!("{} {value}", self.1));
        }
    }

    impl CounterFn for One {
        fn increment(&self, value: u64) {
            self.record(&value.to_string());
        }

        fn absolute(&self, _: u64) {}
    }

    impl GaugeFn for One {
        fn increment(&self, _: f64) {}

        fn decrement(&self, _: f64) {}

        fn set(&self, value: f64) {
            self.record(&value.to_string());
        }
    }

    impl Recorder for Recorded {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(Arc::new(One(self.clone(), key.name().to_owned())))
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::from_arc(Arc::new(One(self.clone(), key.name().to_owned())))
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    fn recorded(run: impl FnOnce()) -> Vec<String> {
        let recorded = Recorded::default();
        metrics::with_local_recorder(&recorded, run);
        let recorded = recorded.0.lock().unwrap();
        recorded.clone()
    }

    #[test]
    fn each_number_is_a_counter() {
        let recorded = recorded(|| {
            let metrics = Metrics::default();
            metrics.add(Count::RoundTrip);
            metrics.add(Count::Fallback);
        });

        assert_eq!(
            recorded,
            [
                "tower_edge_redis_round_trips_total 1",
                "tower_edge_redis_fallbacks_total 1"
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_breaker_is_a_gauge_that_says_whether_it_is_open() {
        let breaker = Breaker::default();
        let opened = recorded(|| {
            breaker.permit().unwrap().record(true);
            for _ in 0..FAILURES {
                breaker.permit().unwrap().record(false);
            }
        });
        assert_eq!(opened, ["tower_edge_redis_breaker_open 1"]);

        advance(Duration::from_secs(1)).await;

        let closed = recorded(|| {
            breaker.permit().unwrap().record(true);
        });
        assert_eq!(closed, ["tower_edge_redis_breaker_open 0"]);
    }
}
