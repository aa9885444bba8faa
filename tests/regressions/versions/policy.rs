//! How a policy changes, and what is said before it does.

use std::time::{Duration, SystemTime};

use tower_edge::Enforcement;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::version_gate::{Policy, PolicyHandle, ResourceEnding, Rule, VersionGateLayer};

use super::gated::{answered, by, of, policy, version};

#[test]
fn a_policy_is_observed_then_enforced_and_never_turns_away_its_own_client() {
    let handle = PolicyHandle::new(policy().with_enforcement(Enforcement::DryRun)).unwrap();
    let gate = VersionGateLayer::by_handle(&handle);
    let status = || answered(ProblemDetails, &gate, of("1.1.9")).status;
    assert_eq!(status(), 200);

    let own = policy().with_always_served(version("1.1.0"));
    let error = handle.replace(own).unwrap_err();
    assert_eq!((error.field(), error.value()), ("always_served", "1.1.0"));
    assert_eq!(status(), 200);

    let enforced = handle.policy().with_enforcement(Enforcement::Enforce);
    handle.replace(enforced).unwrap();
    assert_eq!(status(), 426);
}

// RFC 9745, section 2.1, and RFC 8594, section 3.
// https://www.rfc-editor.org/rfc/rfc9745#section-2.1
// https://www.rfc-editor.org/rfc/rfc8594#section-3
#[test]
fn a_client_is_nagged_and_a_resource_ends_in_fields_of_their_own() {
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let rule = || Rule::new(version("1.2.0")).with_recommended(version("1.4.0"));
    let rule_with_url = rule().with_update_url("https://example.com/update");

    let nagged = answered(ProblemDetails, &by(Policy::new(rule_with_url)), of("1.3.0"));
    assert_eq!(
        nagged.list("x-client-update"),
        "recommended;version=\"1.4.0\""
    );
    assert_eq!(
        nagged.list("link"),
        "<https://example.com/update>; rel=\"related\"; title=\"update\""
    );
    assert_eq!(
        (nagged.list("deprecation"), nagged.list("sunset")),
        Default::default()
    );

    let ending = ResourceEnding::deprecated(at(1_688_169_599)).unwrap();
    assert!(ending.clone().with_sunset(at(1_688_169_598)).is_err());
    let ending = ending.with_sunset(at(1_719_791_999)).unwrap();
    let ended = answered(
        ProblemDetails,
        &by(Policy::new(rule().with_ending(ending))),
        of("1.4.0"),
    );
    assert_eq!(ended.list("deprecation"), "@1688169599");
    assert_eq!(ended.list("sunset"), "Sun, 30 Jun 2024 23:59:59 GMT");
    assert_eq!(ended.list("x-client-update"), "");
}
