//! Counts timeouts.

use tower_edge_core::problem::TimeoutFacts;

/// One more of `timeouts_total`. What it is labelled with is written in code, so that clients cannot make
/// series.
pub(crate) fn timeout(facts: &TimeoutFacts, enforced: bool) {
    let counter = metrics::counter!(
        "timeouts_total",
        "phase" => facts.phase.name(),
        "upstream" => facts.upstream.unwrap_or_default(),
        "operation" => facts.operation.unwrap_or_default(),
        "enforced" => if enforced { "true" } else { "false" },
    );
    counter.increment(1);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::time::Duration;

    use metrics::Counter;
    use metrics::Gauge;
    use metrics::Histogram;
    use metrics::Key;
    use metrics::KeyName;
    use metrics::Metadata;
    use metrics::Recorder;
    use metrics::SharedString;
    use metrics::Unit;
    use tower_edge_core::problem::Phase;

    use super::*;

    /// The counters that were asked for, with their labels.
    #[derive(Default)]
    struct Named(Arc<Mutex<Vec<String>>>);

    impl Recorder for Named {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels = key
                .labels()
                .map(|label| format!(" {}={}", label.key(), label.value()));
            let name = key.name().to_owned() + &labels.collect::<String>();
            self.0.lock().unwrap().push(name);
            Counter::noop()
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn a_timeout_is_counted_by_phase_and_upstream() {
        let named = Named::default();
        let facts = TimeoutFacts::new(Phase::BodyIdle, Duration::ZERO, Duration::ZERO);

        metrics::with_local_recorder(&named, || timeout(&facts.with_upstream("plex"), true));

        assert_eq!(
            *named.0.lock().unwrap(),
            ["timeouts_total phase=body_idle upstream=plex operation= enforced=true"]
        );
    }
}
