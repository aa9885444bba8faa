//! Logs and counts clients that are not current.

use http::HeaderName;

use super::count::{GateDecisions, Series};
use crate::version_gate::{ClientStatus, GateEvent};

/// Counts a request. A platform that the policy does not name may be any text, so it is counted as `other`.
#[inline(always)]
pub(crate) fn count(
    counted: &Series<GateDecisions>,
    status: ClientStatus,
    platform: Option<&str>,
    result: &'static str,
) {
    counted.increment(&[status.name(), platform.unwrap_or("other"), result]);
}

/// Logs an event at the level of client errors.
///
/// The log has the client's version only if it is valid, so that it cannot forge a line.
pub(crate) fn log(event: &GateEvent<'_>, result: &'static str) {
    #[cfg(feature = "tracing")]
    tracing::debug!(
        target: TARGET,
        {
            version_gate.status = event.status.name(),
            version_gate.result = result,
            version_gate.platform = event.platform,
            version_gate.version = event.client,
        },
        "client version"
    );
    let _ = (event, result);
}

/// Logs that a request was rejected for its API version. The log has the version only if it is a token.
pub(crate) fn record_unsupported(header: &HeaderName, requested: Option<&str>) {
    #[cfg(feature = "tracing")]
    tracing::debug!(
        target: TARGET,
        {
            version_gate.header = header.as_str(),
            version_gate.version = requested,
        },
        "unsupported version"
    );
    let _ = (header, requested);
}

#[cfg(feature = "tracing")]
const TARGET: &str = "tower_edge::version_gate";

#[cfg(feature = "tracing")]
#[cfg(test)]
mod log_tests {
    use std::convert::Infallible;

    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use crate::telemetry::test_support::log::logged as logged_meanwhile;
    use crate::version_gate::{SemVer, VersionGateLayer};

    /// The lines that are logged for a client of this version.
    fn logged(version: &'static str) -> Vec<String> {
        let minimum: SemVer = "1.2.0".parse().unwrap();
        let service = VersionGateLayer::new(minimum).layer(service_fn(async |_: Request<()>| {
            Ok::<_, Infallible>(Response::new(String::new()))
        }));
        let request = Request::get("/").header("x-client-version", version);
        logged_meanwhile(|| {
            block_on(service.oneshot(request.body(()).unwrap())).unwrap();
        })
    }

    #[test]
    fn a_rejected_client_is_logged_with_its_version() {
        let lines = logged("1.1.9");

        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        for part in [
            "DEBUG",
            "outdated",
            "version_gate.result=\"rejected\"",
            "\"1.1.9\"",
        ] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }

    #[test]
    fn events_have_the_target_of_the_layer() {
        let lines = logged("1.1.9");

        let start = "DEBUG tower_edge::version_gate: client version ";
        assert!(lines[0].starts_with(start), "{lines:?}");
    }

    #[test]
    fn nothing_that_is_no_version_is_logged_as_one() {
        let lines = logged("1.1.9 level=ERROR");

        assert!(lines[0].contains("malformed"), "{lines:?}");
        assert!(!lines[0].contains("1.1.9"), "{lines:?}");
    }

    #[test]
    fn a_current_client_is_not_logged() {
        assert_eq!(logged("1.2.0"), [""; 0]);
    }
}

#[cfg(feature = "metrics")]
#[cfg(test)]
mod count_tests {
    use std::convert::Infallible;

    use http::{HeaderName, Request, Response};
    use tokio_test::block_on;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use crate::telemetry::test_support::count::Counted;
    use crate::version_gate::extract::Header;
    use crate::version_gate::{SemVer, VersionGateLayer, VersionPolicy, VersionRule};

    #[test]
    fn clients_are_counted_by_names_of_the_policy() {
        let minimum: SemVer = "1.2.0".parse().unwrap();
        let policy = VersionPolicy::builder(VersionRule::new(minimum.clone()));
        let policy = policy.with_platform("iOS", VersionRule::new(minimum));
        let platform = HeaderName::from_static("x-platform");
        let gate = VersionGateLayer::from_policy(policy.build().unwrap());
        let gate = gate.with_extractor(Header::default().with_platform(platform));
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
                "tower_edge_version_gate_decisions_total status=outdated platform=iOS result=rejected 1",
                "tower_edge_version_gate_decisions_total status=malformed platform=other result=rejected 1",
                "tower_edge_version_gate_decisions_total status=current platform=iOS result=allowed 1",
            ]
        );
    }
}
