//! Versions of a policy that the scheme of the gate has not read.

use super::super::super::{PolicyHandle, Stages};
use super::*;

fn staged(text: &str) -> Staged {
    text.parse().unwrap()
}

/// The default ranks `a` first and `r` last.
fn stages() -> Stages {
    Stages::new(["dev", "r", "a"]).unwrap()
}

fn statuses(gate: &VersionGateLayer<Staged>, clients: [&str; 3]) -> [u16; 3] {
    clients.map(|client| answer(gate, request(client.as_bytes())).status().as_u16())
}

#[test]
fn the_versions_of_a_policy_are_ranked_by_the_scheme_of_the_gate() {
    let rule = Rule::new(staged("r.1.0-1")).with_blocked([staged("a.1.0-1")]);
    let gate = VersionGateLayer::by_policy(Policy::new(rule)).unwrap();

    let gate = gate.with_scheme(stages()).unwrap();

    let clients = ["dev.9.0-1", "r.1.0-1", "a.0.1-1"];
    assert_eq!(statuses(&gate, clients), [426, 200, 200]);
    assert_eq!(answer(&gate, request(b"a.1.0-1")).status(), 426);
}

#[test]
fn so_are_those_that_a_handle_puts_in_later_and_those_of_a_request() {
    let policy = |minimum| Policy::new(Rule::new(staged(minimum)));
    let handle = PolicyHandle::new(policy("r.0.0-1")).unwrap();
    let gate = VersionGateLayer::by_handle(&handle)
        .with_scheme(stages())
        .unwrap();
    let by_user = gate.clone().with_minimum_by(|_| Some(staged("a.0.0-1")));

    handle.replace(policy("r.2.0-1")).unwrap();

    let clients = ["r.1.0-1", "r.2.0-1", "a.0.1-1"];
    assert_eq!(statuses(&gate, clients), [426, 200, 200]);
    assert_eq!(statuses(&by_user, clients), [426, 426, 200]);
    let error = handle.replace(policy("b.1.0-1")).unwrap_err();
    assert_eq!((error.field(), error.value()), ("minimum", "b.1.0-1"));
    assert_eq!(statuses(&gate, clients), [426, 200, 200]);
}

#[test]
fn a_scheme_that_does_not_know_the_policy_makes_no_gate() {
    let error = VersionGateLayer::new(staged("b.1.0-1"))
        .with_scheme(stages())
        .unwrap_err();

    assert_eq!(
        error.to_string(),
        "minimum b.1.0-1 is not valid: expected a version that the scheme of the gate knows"
    );
}
