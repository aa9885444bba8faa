//! Which clients a rejection is enforced for, and which receive an announcement.

use std::sync::{Arc, Mutex};

use super::super::super::ClientStatus;
use super::*;
use crate::{Percent, ReloadHandle};

fn policy(enforcement: Enforcement) -> VersionPolicyBuilder<SemVer> {
    let rule = VersionRule::new(version("1.2.0"))
        .with_recommended(version("1.4.0"))
        .with_blocked([version("1.3.7")]);
    VersionPolicy::builder(rule)
        .with_missing(OnUnknown::Reject)
        .with_enforcement(enforcement)
        .with_rollout_key(|head| head.headers.get("x-device-id").map(HeaderValue::as_bytes))
}

/// A gate whose next minimum is enforced for these.
fn next(enforcement: Enforcement) -> VersionGateLayer<SemVer> {
    let rule = VersionRule::new(version("1.2.0"))
        .with_announced_minimum(version("1.4.0"))
        .with_announced_enforcement(enforcement)
        .with_blocked([version("1.3.7")]);
    let policy = VersionPolicy::builder(rule)
        .with_rollout_key(|head| head.headers.get("x-device-id").map(HeaderValue::as_bytes));
    built(policy)
}

fn share(percent: u8) -> Enforcement {
    Enforcement::Percent(Percent::new(percent).unwrap())
}

fn device(name: &str, client: &[u8]) -> Request<()> {
    let mut request = request(client);
    let name = HeaderValue::from_str(name).unwrap();
    request.headers_mut().insert("x-device-id", name);
    request
}

/// How many of a thousand devices are refused.
fn refused(gate: &VersionGateLayer<SemVer>) -> Vec<usize> {
    refused_of(gate, b"1.1.9")
}

fn refused_of(gate: &VersionGateLayer<SemVer>, client: &[u8]) -> Vec<usize> {
    let is_refused = |number: &usize| {
        let response = send(gate, device(&format!("device-{number}"), client));
        response.status() == 426
    };
    (0..1000).filter(is_refused).collect()
}

#[test]
fn a_client_in_a_dry_run_is_served_and_emitted() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = events.clone();
    let gate = built(policy(Enforcement::DryRun));
    let gate = gate.on_event(move |event| {
        let status = event.status.name();
        let client = event.client.unwrap_or("-").to_owned();
        log.lock().unwrap().push((status, client, event.rejected));
    });

    for request in [
        request(b"1.1.9"),
        request(b"1.3.7"),
        request(b"1.3.8"),
        request(b"<script>"),
        Request::new(()),
        request(b"1.4.0"),
    ] {
        assert_eq!(send(&gate, request).body(), "served");
    }

    let events = events.lock().unwrap();
    let events: Vec<_> = events
        .iter()
        .map(|(status, client, refused)| (*status, &**client, *refused))
        .collect();
    assert_eq!(
        events.as_slice(),
        [
            ("outdated", "1.1.9", false),
            ("blocked", "1.3.7", false),
            ("update_recommended", "1.3.8", false),
            ("malformed", "-", false),
            ("missing", "-", false),
        ]
    );
}

fn update(gate: &VersionGateLayer<SemVer>, request: Request<()>) -> String {
    let response = send(gate, request);
    assert_eq!(response.body(), "served");
    let value = response.headers().get("x-client-update");
    value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

#[test]
fn nothing_of_a_policy_that_is_not_enforced_is_in_the_response() {
    let clients: [&[u8]; 4] = [b"1.1.9", b"1.3.7", b"1.3.8", b"one"];

    for enforcement in [Enforcement::DryRun, share(0)] {
        let gate = built(policy(enforcement));
        for client in clients {
            let response = send(&gate, device("device-1", client));

            assert_eq!(response.body(), "served");
            assert!(response.headers().is_empty(), "{:?}", response.headers());
        }
    }
}

#[test]
fn an_announced_minimum_in_a_dry_run_is_in_no_response() {
    let rule = VersionRule::new(version("1.2.0"))
        .with_announced_minimum(version("1.4.0"))
        .with_announced_enforcement(Enforcement::DryRun)
        .with_recommended(version("1.5.0"));
    for from in [None, Some(noon()), Some(noon() + Duration::from_secs(1))] {
        let rule = rule.clone();
        let rule = from.map_or(rule.clone(), |from| rule.with_announced_from(from));
        let gate = by(rule).with(|gate| gate.clock = noon);

        for client in [b"1.3.0", b"1.4.9"] {
            let recommended = "recommended;version=\"1.5.0\"";
            assert_eq!(update(&gate, request(client)), recommended);
        }
    }
}

#[test]
fn an_announced_minimum_alone_is_sent_and_does_not_count() {
    let gate = by(VersionRule::new(version("1.2.0")).with_announced_minimum(version("1.4.0")));

    assert_eq!(
        update(&gate, request(b"1.3.0")),
        "required;version=\"1.4.0\""
    );
    assert_eq!(update(&gate, request(b"1.4.0")), "");
    assert_eq!(send(&gate, request(b"1.1.9")).status(), 426);
}

#[test]
fn who_is_not_in_the_part_that_an_announced_minimum_counts_for_is_sent_it() {
    let gate = next(share(0));

    let update = update(&gate, device("device-1", b"1.3.0"));

    assert_eq!(update, "required;version=\"1.4.0\"");
}

#[test]
fn a_next_minimum_is_observed_while_the_one_before_holds() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = events.clone();
    let gate = next(Enforcement::DryRun).on_event(move |event| {
        let entry = (event.status.name(), event.rejected);
        log.lock().unwrap().push(entry);
    });
    let clients: [&[u8]; 5] = [b"1.1.9", b"1.2.0", b"1.3.7", b"1.4.0", b"one"];

    let statuses = clients.map(|client| send(&gate, request(client)).status().as_u16());

    assert_eq!(statuses, [426, 200, 426, 200, 400]);
    assert_eq!(
        *events.lock().unwrap(),
        [
            ("outdated", true),
            ("outdated", false),
            ("blocked", true),
            ("malformed", true)
        ]
    );
    let refused = send(&gate, request(b"1.1.9"));
    assert_eq!(&*facts(&refused).minimum, "1.2.0");
    assert_eq!(update(&gate, request(b"1.2.0")), "");
}

#[test]
fn a_next_minimum_holds_for_a_share_while_the_one_before_holds_for_all() {
    let gate = next(share(10));

    let some = refused_of(&gate, b"1.3.0");

    assert!((70..130).contains(&some.len()), "{}", some.len());
    assert!(refused_of(&next(share(50)), b"1.3.0").len() > 400);
    assert_eq!(refused_of(&gate, b"1.1.9").len(), 1000);
    assert_eq!(refused_of(&gate, b"1.4.0").len(), 0);
    assert_eq!(
        refused_of(&next(Enforcement::Enforce), b"1.3.0").len(),
        1000
    );
    let held = device(&format!("device-{}", some[0]), b"1.1.9");
    assert_eq!(&*facts(&send(&gate, held)).minimum, "1.4.0");
}

#[test]
fn a_policy_of_a_request_counts_in_place_of_one_in_a_dry_run() {
    let own = VersionPolicy::builder(VersionRule::new(version("1.3.0"))).build();
    let gate = next(Enforcement::DryRun).with_policy_by(move |_| own.clone().ok());

    let response = send(&gate, request(b"1.2.5"));

    assert_eq!(response.status(), 426);
    assert_eq!(&*facts(&response).minimum, "1.3.0");
}

#[test]
fn a_pending_minimum_may_hold_for_a_share_from_its_date_on() {
    let gate = |at: fn() -> SystemTime| {
        let rule = VersionRule::new(version("1.2.0"))
            .with_announced_minimum(version("1.4.0"))
            .with_announced_from(noon())
            .with_announced_enforcement(share(10));
        let policy = VersionPolicy::builder(rule)
            .with_rollout_key(|head| head.headers.get("x-device-id").map(HeaderValue::as_bytes));
        let gate = built(policy);
        gate.with(|gate| gate.clock = at)
    };

    let before = refused_of(&gate(|| noon() - Duration::from_secs(1)), b"1.3.0");
    let after = refused_of(&gate(noon), b"1.3.0");

    assert_eq!(before.len(), 0);
    assert!((70..130).contains(&after.len()), "{}", after.len());
}

#[test]
fn a_rejected_client_is_emitted_too() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = events.clone();
    let gate = built(policy(Enforcement::Enforce));
    let gate = gate.on_event(move |event| {
        log.lock().unwrap().push((event.status, event.rejected));
    });

    assert_eq!(send(&gate, request(b"1.1.9")).status(), 426);

    let outdated = ClientStatus::Outdated;
    assert_eq!(*events.lock().unwrap(), [(outdated, true)]);
}

#[test]
fn a_share_refuses_so_many_and_always_the_same() {
    let gate = |percent| built(policy(share(percent)));

    let (some, same, more) = (refused(&gate(10)), refused(&gate(10)), refused(&gate(50)));

    assert!((70..130).contains(&some.len()), "{}", some.len());
    assert_eq!(some, same);
    assert!((430..570).contains(&more.len()), "{}", more.len());
    assert!(some.iter().all(|device| more.contains(device)));
    assert_eq!(refused(&gate(0)).len(), 0);
    assert_eq!(refused(&gate(100)).len(), 1000);
}

#[test]
fn a_client_without_a_key_is_refused_once_everybody_is() {
    for (percent, status) in [(99, 200), (100, 426)] {
        let gate = built(policy(share(percent)));

        assert_eq!(send(&gate, request(b"1.1.9")).status(), status);
    }
}

#[test]
fn a_gate_uses_the_policy_that_its_handle_has_now() {
    let handle = ReloadHandle::new(policy(Enforcement::DryRun).build().unwrap());
    let gate = VersionGateLayer::reloadable(&handle);
    assert_eq!(send(&gate, request(b"1.1.9")).status(), 200);

    let enforced = handle.current().to_builder();
    let enforced = enforced.with_enforcement(Enforcement::Enforce).build();
    handle.replace(enforced.unwrap());

    assert_eq!(send(&gate, request(b"1.1.9")).status(), 426);
    assert_eq!(send(&gate, request(b"1.4.0")).status(), 200);
}

// The lock is not held while the hook runs.
#[test]
fn a_hook_may_replace_the_policy() {
    let handle = ReloadHandle::new(policy(Enforcement::Enforce).build().unwrap());
    let inside = handle.clone();
    let gate = VersionGateLayer::reloadable(&handle).on_event(move |_| {
        inside.replace(policy(Enforcement::DryRun).build().unwrap());
    });

    assert_eq!(send(&gate, request(b"1.1.9")).status(), 426);
    assert_eq!(send(&gate, request(b"1.1.9")).status(), 200);
}

// The request's own policy goes before the one that is replaced.
#[test]
fn a_request_may_have_a_policy_of_its_own_beside_one_that_is_reloaded() {
    let handle = ReloadHandle::new(policy(Enforcement::DryRun).build().unwrap());
    let strict = policy(Enforcement::Enforce).build().unwrap();
    let gate = VersionGateLayer::reloadable(&handle).with_policy_by(move |head| {
        let is_strict = head.headers.contains_key("x-device-id");
        is_strict.then(|| strict.clone())
    });

    assert_eq!(send(&gate, request(b"1.1.9")).status(), 200);
    assert_eq!(send(&gate, device("a", b"1.1.9")).status(), 426);
    handle.replace(policy(Enforcement::Enforce).build().unwrap());
    assert_eq!(send(&gate, request(b"1.1.9")).status(), 426);
}
