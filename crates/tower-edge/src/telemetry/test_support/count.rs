//! Reads metrics in tests.

use std::fmt::Display;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// The recorded values, with their labels.
#[derive(Clone, Default)]
pub(crate) struct Counted(Arc<Mutex<Vec<String>>>);

impl Counted {
    /// The metrics that the closure records: changes of counters and gauges, and values of histograms.
    pub(crate) fn meanwhile(serve: impl FnOnce()) -> Vec<String> {
        let counted = Self::default();
        metrics::with_local_recorder(&counted, serve);
        counted.0.lock().unwrap().clone()
    }
}

struct One(Counted, String);

impl One {
    fn of(counted: &Counted, key: &Key) -> Arc<Self> {
        let labels = key
            .labels()
            .map(|label| format!(" {}={}", label.key(), label.value()));
        let key = key.name().to_owned() + &labels.collect::<String>();
        Arc::new(Self(counted.clone(), key))
    }

    fn push(&self, value: impl Display) {
        let Self(Counted(list), key) = self;
        list.lock().unwrap().push(format!("{key} {value}"));
    }
}

impl CounterFn for One {
    fn increment(&self, value: u64) {
        self.push(value);
    }

    fn absolute(&self, _: u64) {}
}

impl GaugeFn for One {
    fn increment(&self, value: f64) {
        self.push(value);
    }

    fn decrement(&self, value: f64) {
        self.push(-value);
    }

    fn set(&self, _: f64) {}
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        self.push(value);
    }
}

impl Recorder for Counted {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(One::of(self, key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(One::of(self, key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(One::of(self, key))
    }
}

#[test]
fn a_counter_is_listed_with_its_labels() {
    let counted = Counted::meanwhile(|| metrics::counter!("a_total", "b" => "c").increment(2));

    assert_eq!(counted, ["a_total b=c 2"]);
}
