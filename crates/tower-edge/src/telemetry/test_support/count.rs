//! Reads counters in tests.

use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

/// The counters that were raised, with their labels.
#[derive(Clone, Default)]
pub(crate) struct Counted(Arc<Mutex<Vec<String>>>);

impl Counted {
    /// The counters that this raises.
    pub(crate) fn meanwhile(serve: impl FnOnce()) -> Vec<String> {
        let counted = Self::default();
        metrics::with_local_recorder(&counted, serve);
        counted.0.lock().unwrap().clone()
    }
}

struct One(Counted, String);

impl CounterFn for One {
    fn increment(&self, value: u64) {
        let Self(Counted(list), key) = self;
        list.lock().unwrap().push(format!("{key} {value}"));
    }

    fn absolute(&self, _: u64) {}
}

impl Recorder for Counted {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels = key
            .labels()
            .map(|label| format!(" {}={}", label.key(), label.value()));
        let key = key.name().to_owned() + &labels.collect::<String>();
        Counter::from_arc(Arc::new(One(self.clone(), key)))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn a_counter_is_listed_with_its_labels() {
    let counted = Counted::meanwhile(|| metrics::counter!("a_total", "b" => "c").increment(2));

    assert_eq!(counted, ["a_total b=c 2"]);
}
