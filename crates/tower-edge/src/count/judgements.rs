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

    use http::{HeaderName, Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use crate::counted::Counted;
    use crate::version_gate::{Header, Policy, Rule, SemVer, VersionGateLayer};

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

        let counted = Counted::meanwhile(|| {
            for (version, platform) in [("1.1.9", "ios"), ("one", "anything"), ("1.2.0", "ios")] {
                let request = Request::get("/").header("x-client-version", version);
                let request = request.header("x-platform", platform).body(()).unwrap();
                block_on(service.clone().oneshot(request)).unwrap();
            }
        });

        assert_eq!(
            counted,
            [
                "client_versions_total verdict=outdated platform=iOS refused=true 1",
                "client_versions_total verdict=malformed platform= refused=true 1",
            ]
        );
    }
}
