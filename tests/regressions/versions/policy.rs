//! How a policy changes, and what is announced before it does.

use tower_edge::envelope::format::ProblemDetails;
use tower_edge::version_gate::{VersionGateLayer, VersionPolicy, VersionRule};
use tower_edge::{Enforcement, ReloadHandle};

use super::gated::{by, of, policy, responded, version};

#[test]
fn a_policy_is_observed_then_enforced_and_one_that_does_not_fit_changes_nothing() {
    let dry_run = policy().with_enforcement(Enforcement::DryRun).build();
    let handle = ReloadHandle::new(dry_run.unwrap());
    let gate = VersionGateLayer::reloadable(&handle);
    let status = || responded(ProblemDetails, &gate, of("1.1.9")).status;
    assert_eq!(status(), 200);

    let bad = VersionRule::new(version("1.2.0")).with_maximum(version("1.1.0"));
    let replaced = VersionPolicy::builder(bad)
        .build()
        .map(|policy| handle.replace(policy));
    assert_eq!(
        replaced.unwrap_err().to_string(),
        "invalid maximum 1.1.0: expected at least the minimum 1.2.0"
    );
    assert_eq!(status(), 200);

    let enforced = handle.current().to_builder();
    let enforced = enforced.with_enforcement(Enforcement::Enforce).build();
    handle.replace(enforced.unwrap());
    assert_eq!(status(), 426);
}

#[test]
fn a_recommended_update_is_in_fields_of_its_own() {
    let rule = VersionRule::new(version("1.2.0"))
        .with_recommended(version("1.4.0"))
        .with_update_url("https://example.com/update");

    let response = responded(
        ProblemDetails,
        &by(VersionPolicy::builder(rule)),
        of("1.3.0"),
    );

    assert_eq!(
        response.list("x-client-update"),
        "recommended;version=\"1.4.0\""
    );
    assert_eq!(
        response.list("link"),
        "<https://example.com/update>; rel=\"related\"; title=\"update\""
    );
    assert_eq!(
        (response.list("deprecation"), response.list("sunset")),
        Default::default()
    );
}
