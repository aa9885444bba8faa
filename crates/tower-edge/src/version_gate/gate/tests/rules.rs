//! What else a rule refuses, and when.

use super::super::super::AppVersion;
use super::*;

#[test]
fn a_blocked_build_is_refused_between_others_that_are_served() {
    let gate =
        by(VersionRule::new(version("1.2.0")).with_blocked([version("1.3.7"), version("1.3.9")]));

    for (client, status) in [
        (b"1.3.6", 200),
        (b"1.3.7", 426),
        (b"1.3.8", 200),
        (b"1.3.9", 426),
        (b"1.4.0", 200),
    ] {
        assert_eq!(send(&gate, request(client)).status(), status);
    }
}

#[test]
fn a_client_that_is_too_new_is_sent_no_update() {
    let gate = by(VersionRule::new(version("1.2.0")).with_maximum(version("2.0.0")));

    assert_eq!(send(&gate, request(b"2.0.0")).status(), 200);
    let response = send(&gate, request(b"2.0.1"));

    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(!response.headers().contains_key("upgrade"));
    let problem = problem(&response);
    assert_eq!(problem.kind(), Kind::VersionTooNew);
    assert_eq!(
        problem.message(),
        Some("Client version 2.0.1 is not supported yet")
    );
    assert_eq!(facts(&response).maximum.as_deref(), Some("2.0.0"));
    assert_eq!(problem.details()[0].name(), "max_version");
}

#[test]
fn an_announced_minimum_counts_from_its_date_on() {
    let from = |from| {
        let rule = VersionRule::new(version("1.2.0"))
            .with_announced_minimum(version("1.4.0"))
            .with_announced_from(from);
        by(rule).with(|gate| gate.clock = noon)
    };
    let second = Duration::from_secs(1);

    for (from, status) in [
        (from(noon() + second), 200),
        (from(noon()), 426),
        (from(noon() - second), 426),
    ] {
        assert_eq!(send(&from, request(b"1.3.9")).status(), status);
        assert_eq!(send(&from, request(b"1.4.0")).status(), 200);
        assert_eq!(send(&from, request(b"1.1.9")).status(), 426);
    }
}

// Or a client would update twice.
#[test]
fn once_it_counts_an_announced_minimum_is_what_all_are_sent() {
    let rule = VersionRule::new(version("1.2.0"))
        .with_announced_minimum(version("1.4.0"))
        .with_announced_from(noon());
    let gate = by(rule).with(|gate| gate.clock = noon);

    for client in [b"1.3.9", b"1.1.9"] {
        let response = send(&gate, request(client));

        assert_eq!(&*facts(&response).minimum, "1.4.0");
        assert_eq!(response.headers()["upgrade"], "client/1.4.0");
    }
}

#[test]
fn the_clock_is_read_only_for_clients_that_it_concerns() {
    let rule = VersionRule::new(version("1.2.0"))
        .with_announced_minimum(version("1.4.0"))
        .with_announced_from(noon());
    let gate = by(rule).with(|gate| gate.clock = || panic!("the clock was read"));

    assert_eq!(send(&gate, request(b"1.4.0")).status(), 200);
}

// A version without a build is about every build.
#[test]
fn a_maximum_and_a_blocked_version_are_about_every_build() {
    let version = |text: &str| text.parse::<AppVersion>().unwrap();
    let rule = VersionRule::new(version("1.2"))
        .with_maximum(version("2.0"))
        .with_blocked([version("1.3.7"), version("1.4 (9)")]);
    let gate = built(VersionPolicy::builder(rule));

    for (client, status) in [
        ("1.3.7", 426),
        ("1.3.7 (345)", 426),
        ("1.4 (9)", 426),
        ("1.4 (10)", 200),
        ("1.4", 200),
        ("2.0 (1)", 200),
        ("2.0.1", 400),
    ] {
        let response = send(&gate, request(client.as_bytes()));

        assert_eq!(response.status(), status, "{client}");
    }
}
