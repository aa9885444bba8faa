//! Counts problems.

use crate::envelope::Report;

pub(crate) const LISTENS: bool = true;

/// One more of `errors_total`. What it is labelled with is written in code, so that clients cannot make
/// series: keys and formats by their names, and statuses.
pub(crate) fn problem(report: &Report<'_>) {
    let counter = metrics::counter!(
        "errors_total",
        "key" => report.key(),
        "status" => report.status().as_str().to_owned(),
        "format" => report.format(),
    );
    counter.increment(1);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;

    use http::Request;
    use http::Response;
    use metrics::Counter;
    use metrics::CounterFn;
    use metrics::Gauge;
    use metrics::Histogram;
    use metrics::Key;
    use metrics::KeyName;
    use metrics::Metadata;
    use metrics::Recorder;
    use metrics::SharedString;
    use metrics::Unit;
    use tokio_test::block_on;
    use tower::ServiceExt;
    use tower::service_fn;
    use tower_edge_core::Kind;
    use tower_edge_core::Problem;
    use tower_layer::Layer;

    use crate::envelope::EnvelopeLayer;
    use crate::envelope::format::MediaNest;

    /// The counters that were raised, with their labels.
    #[derive(Clone, Default)]
    struct Counted(Arc<Mutex<Vec<String>>>);

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
    fn each_problem_is_counted_under_what_is_written_in_code() {
        let counted = Counted::default();
        let service = EnvelopeLayer::new(MediaNest).layer(service_fn(|request: Request<()>| {
            let problem = Problem::new(Kind::NotFound).with_message(request.uri().to_string());
            std::future::ready(Err::<Response<String>, _>(problem))
        }));

        metrics::with_local_recorder(&counted, || {
            let request = Request::get("/anything/at/all").body(()).unwrap();
            block_on(service.oneshot(request)).unwrap();
        });

        assert_eq!(
            *counted.0.lock().unwrap(),
            ["errors_total key=not_found status=404 format=medianest 1"]
        );
    }
}
