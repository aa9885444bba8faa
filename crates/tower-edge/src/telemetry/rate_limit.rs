//! Logs and counts the decisions of rate limits, and logs likely mistakes in their configuration.

use std::time::Duration;

use tower_edge_core::rate_limit::{Decision, Quota, QuotaRequest, QuotaState};

use super::count::{LimitDecisions, LimitTimes, NearLimits, Series, StoreErrors};

/// The series of the limits of a layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    decisions: Series<LimitDecisions>,
    near_limit: Series<NearLimits>,
    store_errors: Series<StoreErrors>,
    times: Series<LimitTimes>,
}

/// Whether the time of decisions is measured.
pub(crate) const MEASURES: bool = cfg!(feature = "metrics");

/// Whether decisions are logged or counted.
pub(crate) fn is_enabled() -> bool {
    #[cfg(feature = "tracing")]
    {
        cfg!(feature = "metrics") || tracing::enabled!(target: TARGET, tracing::Level::DEBUG)
    }
    #[cfg(not(feature = "tracing"))]
    {
        cfg!(feature = "metrics")
    }
}

/// Whether a misconfiguration is logged.
pub(crate) fn is_error_enabled() -> bool {
    #[cfg(feature = "tracing")]
    {
        tracing::enabled!(target: TARGET, tracing::Level::ERROR)
    }
    #[cfg(not(feature = "tracing"))]
    {
        false
    }
}

impl Counts {
    /// Counts a decision. Logs a rejection at level DEBUG, since a flood causes many. The log line has the store's hash
    /// of the key in place of the key.
    pub(crate) fn record_decision(&self, request: &QuotaRequest, state: &QuotaState) {
        let policy = request.quota.name();
        let result = match (state.is_allowed(), request.enforced) {
            (true, _) => "allowed",
            (false, true) => "rejected",
            (false, false) => "dry_run",
        };
        self.decisions.increment(&[policy, result]);
        if state.is_allowed() && state.remaining() < state.limit().div_ceil(NEAR) {
            self.near_limit.increment(&[policy]);
        }
        #[cfg(feature = "tracing")]
        if !state.is_allowed() {
            tracing::debug!(
                target: TARGET,
                {
                    rate_limit.policy = policy,
                    rate_limit.result = result,
                    rate_limit.key = %request.key,
                    rate_limit.wait_ms = state.wait().map(|wait| wait.div_duration_f64(Duration::from_millis(1))),
                },
                "rate limit exceeded"
            );
        }
    }

    /// Counts a request under this quota that the store has not decided.
    pub(crate) fn count_failure(&self, quota: &Quota, fails_open: bool) {
        let result = if fails_open { "allowed" } else { "rejected" };
        self.store_errors.increment(&[quota.name(), result]);
    }

    /// Records the time of a store that decides later, or has failed.
    pub(crate) fn record_time<E>(&self, decision: &Result<Decision, E>, time: Duration) {
        let result = match decision {
            Ok(decision) if decision.is_allowed() => "allowed",
            Ok(_) => "rejected",
            Err(_) => "failed",
        };
        self.times.record(&[result], time);
    }
}

/// Logs a possible mistake in the configuration, which a client may also cause.
pub(crate) fn suspicious(mistake: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: TARGET, "{mistake}");
    let _ = mistake;
}

/// Logs a mistake in the configuration.
pub(crate) fn misconfigured(mistake: &str) {
    #[cfg(feature = "tracing")]
    tracing::error!(target: TARGET, "{mistake}");
    let _ = mistake;
}

/// The part of a quota below which a client is near its limit.
const NEAR: u32 = 10;
#[cfg(feature = "tracing")]
const TARGET: &str = "tower_edge::rate_limit";

#[cfg(feature = "tracing")]
#[cfg(test)]
mod log_tests {
    use std::convert::Infallible;

    use http::{HeaderName, Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_edge_core::Head;
    use tower_edge_core::rate_limit::{Key, KeyExtractor, Quota};
    use tower_layer::Layer;

    use super::misconfigured;
    use crate::ReloadHandle;
    use crate::rate_limit::key::{ExtensionKey, HeaderKey, RouteTemplate};
    use crate::rate_limit::{ApiKey, Limit, Limits, RateLimitLayer};
    use crate::telemetry::test_support::log::{logged, warnings};

    fn layer() -> RateLimitLayer {
        RateLimitLayer::new(Limit::new(Quota::per_hour(1), ApiKey))
    }

    #[test]
    fn events_have_the_target_of_the_layer() {
        let lines = logged(|| misconfigured("a mistake"));

        assert_eq!(lines, ["ERROR tower_edge::rate_limit: a mistake"]);
    }

    #[test]
    fn a_denial_is_logged_without_the_key() {
        let service = layer().layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(()))
        }));

        let lines = logged(|| {
            for _ in 0..2 {
                let request = Request::get("/").header("x-api-key", "pk_live_secret");
                let request = request.body(()).unwrap();
                block_on(service.clone().oneshot(request)).unwrap();
            }
        });

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        for part in [
            "DEBUG tower_edge::rate_limit: rate limit exceeded",
            "rate_limit.policy=\"hour\"",
            "rate_limit.result=\"rejected\"",
        ] {
            assert!(line.contains(part), "{part}: {line}");
        }
        assert!(!line.contains("secret"), "{line}");
        let (_, key) = line.split_once("rate_limit.key=").unwrap();
        assert_eq!(key.find(' '), Some(16), "{line}");
    }

    #[test]
    fn an_extension_that_no_request_has_is_logged_once() {
        #[derive(Clone)]
        struct User(u64);
        let by_user = || ExtensionKey::new(|User(id): &User| Key::from(*id));
        let limit = |key| Limit::new(Quota::per_minute(1000), key);
        let text = "requests have no extension";

        assert!(logged_for(limit(by_user()), &["/"; 15], text).is_empty());
        let or_key = Limit::new(Quota::per_minute(1000), by_user().or(ApiKey));
        assert!(logged_for(or_key, &["/"; 100], text).is_empty());
        let no_header = (by_template(), HeaderKey::new(X_TENANT));
        let no_header = Limit::new(Quota::per_minute(1000), no_header);
        assert!(logged_for(no_header, &["/media/1"; 100], text).is_empty());
        let late = [vec!["/media/1"], vec!["/"; 100]].concat();
        let by_template = Limit::new(Quota::per_minute(1000), by_template());
        assert!(logged_for(by_template, &late, text).is_empty());

        let by_both = Limit::new(Quota::per_minute(1000), (ApiKey, by_user()));
        let first = logged_for(by_both, &["/"; 100], text);
        let again = logged_for(limit(by_user()), &["/"; 100], text);

        let [line] = first.as_slice() else {
            panic!("{first:?}")
        };
        assert!(line.starts_with(" WARN tower_edge::rate_limit: "), "{line}");
        assert!(line.contains("::User\", so a limit by it"), "{line}");
        assert!(again.is_empty(), "{again:?}");
    }

    fn by_template() -> ExtensionKey<RouteTemplate> {
        ExtensionKey::new(|RouteTemplate(template)| Key::from(&**template))
    }

    const X_TENANT: HeaderName = HeaderName::from_static("x-tenant");

    #[test]
    fn a_limit_that_is_mounted_twice_is_logged_once() {
        let layer = layer();
        let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
        let between = self::layer();
        let service = layer.layer(between.layer(layer.layer(handler)));

        let lines = warnings(|| {
            for key in ["a", "b"] {
                let request = Request::get("/").header("x-api-key", key).body(()).unwrap();
                block_on(service.clone().oneshot(request)).unwrap();
            }
        });

        let matching = lines
            .iter()
            .filter(|line| line.contains("mount the layer once"));
        assert_eq!(matching.count(), 1, "{lines:?}");
    }

    #[test]
    fn limits_that_are_built_again_and_again_are_logged() {
        let lines = warnings(|| {
            for _ in 0..1100 {
                layer();
            }
        });

        let matching = lines.iter().filter(|line| line.contains("build it once"));
        assert_eq!(matching.count(), 1, "{lines:?}");
    }

    /// The lines with this text that are logged for these paths.
    fn logged_for(limits: impl Into<Limits>, paths: &[&str], text: &str) -> Vec<String> {
        let service = RateLimitLayer::new(limits).layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(()))
        }));
        let mut lines = warnings(|| {
            for path in paths {
                let mut request = Request::get(*path).header("x-api-key", "a");
                if path.starts_with("/media/") {
                    request = request.extension(RouteTemplate("/media/{id}".into()));
                }
                let request = request.body(()).unwrap();
                block_on(service.clone().oneshot(request)).unwrap();
            }
        });
        lines.retain(|line| line.contains(text));
        lines
    }

    #[test]
    fn a_limit_that_no_request_meets_is_logged_once() {
        let limit = |path: &'static str| {
            let quota = Quota::per_second(1000).named(&path[1..]);
            Limit::new(quota, ApiKey).with_condition(move |head| head.uri.path() == path)
        };
        let limits = || {
            let quota = |_: Head<'_>| Quota::per_minute(1);
            let computed = Limit::by(quota, ApiKey).with_condition(|_| false);
            let in_handler = Limit::in_handler(Quota::per_minute(1).named("login"));
            Limits::from([limit("/met"), limit("/unmet"), computed, in_handler])
        };
        let text = "no request met";

        assert!(logged_for(limits(), &["/met"; 1000], text).is_empty());
        assert!(logged_for(limit("/met"), &["/met"; 1100], text).is_empty());
        let lines = logged_for(limits(), &["/met"; 1100], text);

        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains(r#"["unmet", "computed"]"#), "{lines:?}");
    }

    #[test]
    fn a_limit_is_not_missed_among_requests_that_are_exempt_or_were_before_it() {
        let limit = |name| {
            let quota = Quota::per_second(1000).named(name);
            Limit::new(quota, ApiKey).with_condition(|head| head.uri.path() == "/met")
        };
        let exempting =
            Limits::from(limit("first")).with_exemption(|head| head.uri.path() == "/healthz");
        assert!(logged_for(exempting, &["/healthz"; 1100], "no request met").is_empty());

        let handle = ReloadHandle::new(Limits::from(limit("second")));
        let service =
            RateLimitLayer::reloadable(&handle).layer(service_fn(async |_: Request<()>| {
                Ok::<_, Infallible>(Response::new(()))
            }));
        let lines = warnings(|| {
            for passed in 0..1500 {
                if passed == 900 {
                    handle.replace(Limits::from(limit("third")));
                }
                let path = if passed == 0 { "/met" } else { "/" };
                let request = Request::get(path).header("x-api-key", "a");
                block_on(service.clone().oneshot(request.body(()).unwrap())).unwrap();
            }
        });

        assert!(
            !lines.iter().any(|line| line.contains("no request met")),
            "{lines:?}"
        );
    }

    #[test]
    fn a_route_that_is_never_known_is_logged_once() {
        let limit = || {
            let quota = Quota::per_second(1000).named("routes");
            Limit::new(quota, ApiKey).with_routes(["/media/{id}"])
        };
        let text = "no matched path";

        // A request without a route must not count against a layer in the right place.
        assert!(logged_for(limit(), &["/media/7", "/nowhere", "/nowhere"], text).is_empty());
        let lines = logged_for(limit(), &["/nowhere"; 3], text);

        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("`Limit::with_paths`"), "{lines:?}");
    }

    #[test]
    fn a_name_that_two_limits_have_is_logged_once() {
        let lines = warnings(|| {
            for _ in 0..2 {
                let limits = [1, 2].map(|count| Limit::new(Quota::per_day(count), ApiKey));
                drop(RateLimitLayer::new(limits));
            }
        });

        let matching: Vec<_> = lines
            .iter()
            .filter(|line| line.contains(r#"the quota name "day""#))
            .collect();
        assert_eq!(matching.len(), 1, "{lines:?}");
    }
}

#[cfg(feature = "metrics")]
#[cfg(test)]
mod count_tests {
    use std::convert::Infallible;
    use std::fmt;
    use std::future::{Ready, ready};
    use std::time::Instant;

    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_edge_core::rate_limit::{
        Decision, Key, KeyHash, MaybeReady, Operation, Quota, QuotaRequest, Store,
    };
    use tower_layer::Layer;

    use crate::Enforcement;
    use crate::rate_limit::{ApiKey, Limit, Limits, MemoryStore, RateLimitLayer};
    use crate::telemetry::test_support::count::Counted;

    fn limit(name: &'static str, count: u32) -> Limit {
        Limit::new(Quota::per_hour(count).named(name), ApiKey)
    }

    /// The counters after this many clients sent one request each, or one client sent this many.
    fn counted(limits: Limits, slots: usize, keys: impl Iterator<Item = u32>) -> Vec<String> {
        let layer = RateLimitLayer::new(limits).with_store(MemoryStore::new(slots));
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
        let limits = [
            limit("hour", 2),
            limit("tried", 1).with_enforcement(Enforcement::DryRun),
        ];

        let counted = counted(Limits::new(limits).unwrap(), 64, [7, 7, 7].into_iter());

        assert_eq!(
            counted,
            [
                "tower_edge_rate_limit_decisions_total policy=hour result=allowed 1",
                "tower_edge_rate_limit_decisions_total policy=tried result=allowed 1",
                "tower_edge_rate_limit_near_limit_total policy=tried 1",
                "tower_edge_rate_limit_decisions_total policy=hour result=allowed 1",
                "tower_edge_rate_limit_near_limit_total policy=hour 1",
                "tower_edge_rate_limit_decisions_total policy=tried result=dry_run 1",
                "tower_edge_rate_limit_decisions_total policy=hour result=rejected 1",
                "tower_edge_rate_limit_decisions_total policy=tried result=dry_run 1",
            ]
        );
    }

    #[test]
    fn a_request_that_no_store_has_decided_is_counted_and_measured() {
        /// Fails later.
        #[derive(Clone)]
        struct Broken;

        impl Store for Broken {
            type Error = fmt::Error;
            type Future = Ready<Result<Decision, fmt::Error>>;

            fn hash(&self, _: &Key<'_>) -> KeyHash {
                KeyHash::from_bits(0)
            }

            fn apply(
                &self,
                _: Operation,
                _: &[QuotaRequest],
                _: Option<Instant>,
            ) -> MaybeReady<Self::Future> {
                MaybeReady::Pending(ready(Err(fmt::Error)))
            }
        }

        let counted = |layer: RateLimitLayer| {
            let service = layer
                .with_store(Broken)
                .layer(service_fn(async |_: Request<()>| {
                    Ok::<_, Infallible>(Response::new(()))
                }));
            Counted::meanwhile(|| {
                let request = Request::get("/").header("x-api-key", "a");
                block_on(service.oneshot(request.body(()).unwrap())).unwrap();
            })
        };
        let layer = || RateLimitLayer::new(limit("hour", 1));

        for (layer, result) in [(layer(), "rejected"), (layer().with_fail_open(), "allowed")] {
            let counted = counted(layer);

            let time = "tower_edge_rate_limit_decision_duration_seconds result=failed ";
            assert!(counted[0].starts_with(time), "{counted:?}");
            let error = "tower_edge_rate_limit_store_errors_total policy=hour result=";
            assert_eq!(counted[1..], [format!("{error}{result} 1")]);
        }
    }

    #[test]
    fn a_client_that_has_little_left_is_counted() {
        let counted = counted(
            Limits::new([limit("hour", 20)]).unwrap(),
            64,
            [7; 21].into_iter(),
        );

        let near = "tower_edge_rate_limit_near_limit_total policy=hour 1";
        // One request leaves one unit, the next leaves none.
        assert_eq!(counted.iter().filter(|line| *line == near).count(), 2);
    }

    #[test]
    fn an_account_that_makes_room_too_early_is_counted() {
        let counted = counted(Limits::new([limit("hour", 9)]).unwrap(), 8, 0..9);

        let evicted = "tower_edge_rate_limit_evictions_total policy=hour 1";
        assert_eq!(counted.iter().filter(|line| *line == evicted).count(), 1);
    }
}
