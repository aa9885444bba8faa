//! Counts what limits decide.

use tower_edge_core::rate_limit::{Policy, Standing};

pub(crate) const LISTENS: bool = true;

/// One more of `rate_limit_decisions_total`. Policies are named in code, so that clients cannot make
/// series.
pub(crate) fn decided(policy: &Policy, standing: &Standing, is_binding: bool) {
    let decision = match (standing.is_allowed(), is_binding) {
        (true, _) => "allowed",
        (false, true) => "denied",
        (false, false) => "shadow_denied",
    };
    let counter = metrics::counter!(
        "rate_limit_decisions_total",
        "policy" => policy.name().clone(),
        "decision" => decision,
    );
    counter.increment(1);
}

/// One more of `rate_limit_evicted_live_total`: an account that made room for one of this policy though
/// it was not forgotten.
pub(crate) fn evicted_live(policy: &Policy) {
    let counter = metrics::counter!(
        "rate_limit_evicted_live_total",
        "policy" => policy.name().clone(),
    );
    counter.increment(1);
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::num::NonZeroU32;
    use std::time::Duration;

    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_edge_core::rate_limit::Policy;
    use tower_layer::Layer;

    use crate::counted::Counted;
    use crate::rate_limit::{ApiKey, Limit, Limits, MemoryStore, Mode, RateLimitLayer};

    fn limit(name: &str, count: u32) -> Limit {
        let count = NonZeroU32::new(count).unwrap();
        Limit::new(
            Policy::new(name, count, Duration::from_secs(3600)).unwrap(),
            ApiKey,
        )
    }

    /// What is counted while so many clients ask once, or one does so many times.
    fn counted(limits: Limits, slots: usize, keys: impl Iterator<Item = u32>) -> Vec<String> {
        let layer = RateLimitLayer::new(MemoryStore::new(slots), limits);
        let service = layer.layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(()))
        }));
        Counted::meanwhile(|| {
            for key in keys {
                let request = Request::get("/").header("x-api-key", key);
                let request = request.body(()).unwrap();
                block_on(service.clone().oneshot(request)).unwrap();
            }
        })
    }

    #[test]
    fn each_decision_is_counted_by_its_policy() {
        let limits = [limit("hour", 2), limit("tried", 1).with_mode(Mode::Shadow)];

        let counted = counted(Limits::new(limits).unwrap(), 64, [7, 7, 7].into_iter());

        assert_eq!(
            counted,
            [
                "rate_limit_decisions_total policy=hour decision=allowed 1",
                "rate_limit_decisions_total policy=tried decision=allowed 1",
                "rate_limit_decisions_total policy=hour decision=allowed 1",
                "rate_limit_decisions_total policy=tried decision=shadow_denied 1",
                "rate_limit_decisions_total policy=hour decision=denied 1",
                "rate_limit_decisions_total policy=tried decision=shadow_denied 1",
            ]
        );
    }

    #[test]
    fn an_account_that_makes_room_too_early_is_counted() {
        let counted = counted(Limits::new([limit("hour", 9)]).unwrap(), 8, 0..9);

        let evicted = "rate_limit_evicted_live_total policy=hour 1";
        assert_eq!(counted.iter().filter(|line| *line == evicted).count(), 1);
    }
}
