//! Counts where clients stand that are not current.

use crate::version_gate::Judgement;

/// One more of `client_versions_total`. The labels are written in code and in the policy, so that
/// clients cannot make series.
pub(crate) fn judged(judgement: &Judgement<'_>) {
    let counter = metrics::counter!(
        "client_versions_total",
        "verdict" => judgement.verdict().name(),
        "platform" => judgement.platform().unwrap_or_default().to_owned(),
        "refused" => if judgement.is_refused() { "true" } else { "false" },
    );
    counter.increment(1);
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::Mutex;

    use http::HeaderName;
    use http::Request;
    use http::Response;
    use metrics::Counter;
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
    use tower_layer::Layer;

    use crate::version_gate::Header;
    use crate::version_gate::Policy;
    use crate::version_gate::Rule;
    use crate::version_gate::SemVer;
    use crate::version_gate::VersionGateLayer;

    /// The counters that were asked for, with their labels.
    #[derive(Default)]
    struct Counted(Arc<Mutex<Vec<String>>>);

    impl Recorder for Counted {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels = key.labels();
            let labels = labels.map(|label| format!(" {}={}", label.key(), label.value()));
            let counted = key.name().to_owned() + &labels.collect::<String>();
            self.0.lock().unwrap().push(counted);
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
    fn clients_that_are_not_current_are_counted_under_what_the_policy_says() {
        let minimum: SemVer = "1.2.0".parse().unwrap();
        let policy = Policy::new(Rule::new(minimum.clone()));
        let policy = policy.with_platform("iOS", Rule::new(minimum));
        let platform = HeaderName::from_static("x-platform");
        let gate = VersionGateLayer::by_policy(policy).unwrap();
        let gate = gate.with_source(Header::default().with_platform(platform));
        let service = gate.layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
        let counted = Counted::default();

        metrics::with_local_recorder(&counted, || {
            for (version, platform) in [("1.1.9", "ios"), ("one", "anything"), ("1.2.0", "ios")] {
                let request = Request::get("/").header("x-client-version", version);
                let request = request.header("x-platform", platform).body(()).unwrap();
                block_on(service.clone().oneshot(request)).unwrap();
            }
        });

        assert_eq!(
            *counted.0.lock().unwrap(),
            [
                "client_versions_total verdict=outdated platform=iOS refused=true",
                "client_versions_total verdict=malformed platform= refused=true",
            ]
        );
    }
}
