use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use metrics::{CounterFn, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString};
use tokio::time::advance;

use super::*;
use crate::RedisStoreError;
use crate::breaker::Breaker;
use crate::config::FAILURES;
use crate::metrics::Metrics;

/// What was recorded, in order.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<Vec<String>>>);

struct One(Recorded, String);

impl One {
    fn of(recorded: &Recorded, key: &Key) -> Arc<Self> {
        let labels = key.labels();
        let labels = labels.map(|label| format!(" {}={}", label.key(), label.value()));
        let key = key.name().to_owned() + &labels.collect::<String>();
        Arc::new(Self(recorded.clone(), key))
    }

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
    fn increment(&self, value: f64) {
        self.record(&value.to_string());
    }

    fn decrement(&self, _: f64) {}

    fn set(&self, _: f64) {}
}

impl Recorder for Recorded {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(One::of(self, key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(One::of(self, key))
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
fn each_number_is_a_counter_with_the_name_of_the_store() {
    let recorded = recorded(|| {
        let metrics = Metrics::new(&"logins".into());
        metrics.add(Count::RoundTrip);
        let after = Duration::from_millis(20);
        for error in [RedisStoreError::TimedOut { after }, RedisStoreError::Reply] {
            metrics.add(Count::of(&error));
        }
    });

    assert_eq!(
        recorded,
        [
            "tower_edge_redis_round_trips_total store=logins 1",
            "tower_edge_redis_errors_total store=logins reason=timeout 1",
            "tower_edge_redis_errors_total store=logins reason=reply 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_does_not_close_the_breaker_of_another() {
    let recorder = Recorded::default();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let breaker = || Breaker::new(Duration::ZERO, &"default".into());
    let changes = || {
        let changes = std::mem::take(&mut *recorder.0.lock().unwrap());
        let changes = changes.into_iter().map(|line| {
            line.strip_prefix("tower_edge_redis_breakers_open store=default ")
                .map(ToOwned::to_owned)
        });
        changes.collect::<Option<Vec<_>>>().unwrap()
    };
    let fail = |breaker: &Breaker| {
        for _ in 0..FAILURES {
            breaker.permit().unwrap().record(false);
        }
    };

    let (one, other) = (breaker(), breaker());
    other.permit().unwrap().record(true);
    fail(&one);
    other.permit().unwrap().record(true);
    assert_eq!(changes(), ["0", "0", "1"]);

    advance(Duration::from_secs(1)).await;
    one.permit().unwrap().record(false);
    advance(Duration::from_secs(1)).await;
    one.permit().unwrap().record(true);
    assert_eq!(changes(), ["-1"]);

    fail(&other);
    drop((one, other));
    assert_eq!(changes(), ["1", "-1"]);
}

#[test]
fn the_docs_have_the_metrics_of_the_code() {
    let mut rows: BTreeSet<String> = Count::ALL
        .into_iter()
        .map(|count| {
            let (name, reason, help) = count.metric();
            let labels = reason.map_or("`store`", |_| "`store`, `reason`");
            format!("//! | `{name}` | counter | count | {labels} | {help} | ")
        })
        .collect();
    let [name, help] = BREAKERS_OPEN;
    rows.insert(format!(
        "//! | `{name}` | gauge | count | `store` | {help} | "
    ));
    let docs = include_str!("../../lib.rs").lines();
    let documented: Vec<_> = docs
        .filter(|line| line.starts_with("//! | `tower_edge_redis_"))
        .collect();

    assert_eq!(documented.len(), rows.len());
    for (documented, row) in documented.iter().zip(rows) {
        assert!(documented.starts_with(&row), "{row}\n{documented}");
    }
}
