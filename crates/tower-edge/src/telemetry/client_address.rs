//! Each mistake in the addresses of clients is logged once, with the remedy.

use http::Request;
use tower_edge_core::rate_limit::KeyExtractor;
use tower_edge_core::{Head, PeerAddress};

use crate::rate_limit::ClientAddress;
use crate::rate_limit::key::ForwardedField;
use crate::telemetry::test_support::log::warnings;

fn trusting(networks: &[&str]) -> ClientAddress {
    let networks = networks.iter().map(|network| network.parse().unwrap());
    ClientAddress::new().with_trusted_proxies(networks)
}

/// What is logged while two requests come from this peer with these fields.
fn logged(address: &ClientAddress, peer: Option<&str>, fields: &[(&str, &str)]) -> Vec<String> {
    let mut request = Request::builder();
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    if let Some(peer) = peer {
        request = request.extension(PeerAddress(peer.parse().unwrap()));
    }
    let request = request.body(()).unwrap();
    warnings(|| {
        for _ in 0..2 {
            address.key(Head::from(&request));
        }
    })
}

fn assert_logged_once(lines: &[String], level: &str, remedy: &str) {
    let [line] = lines else { panic!("{lines:?}") };
    assert!(line.starts_with(level), "{line}");
    assert!(line.contains(remedy), "{line}");
}

const FORWARDED_FOR: (&str, &str) = ("x-forwarded-for", "198.51.100.7");
const FORWARDED: (&str, &str) = ("forwarded", "for=198.51.100.7");
const PEER: Option<&str> = Some("192.0.2.1:1");

#[test]
fn a_peer_without_an_address_is_logged_as_an_error_once() {
    let lines = logged(&ClientAddress::new(), None, &[]);

    let remedy = "`into_make_service_with_connect_info::<SocketAddr>()`";
    assert_logged_once(&lines, "ERROR tower_edge::rate_limit: ", remedy);
}

#[test]
fn forwarded_addresses_are_logged_once_if_nobody_is_trusted() {
    let direct = logged(&trusting(&[]), PEER, &[]);

    let lines = logged(&trusting(&[]), PEER, &[FORWARDED_FOR]);
    let again = logged(&ClientAddress::new(), PEER, &[FORWARDED_FOR]);

    assert_eq!([direct, again].concat(), [""; 0]);
    let level = " WARN tower_edge::rate_limit: no proxy is trusted";
    assert_logged_once(&lines, level, "`with_trusted_proxies`");
}

#[test]
fn a_preset_is_logged_once_if_nobody_is_trusted() {
    let lines = logged(&ClientAddress::CF_CONNECTING_IP, PEER, &[]);

    let level = " WARN tower_edge::rate_limit: no proxy is trusted";
    assert_logged_once(&lines, level, "`with_trusted_proxies`");
}

#[test]
fn trust_in_every_network_is_logged_once_when_it_is_set() {
    let mut lines = warnings(|| {
        trusting(&["0.0.0.0/1", "::/1"]);
    });
    assert_eq!(lines, [""; 0]);

    for networks in [["10.0.0.0/8", "::/0"], ["10.0.0.0/8", "0.0.0.0/0"]] {
        lines.extend(warnings(|| {
            trusting(&networks);
        }));
    }

    assert_logged_once(
        &lines,
        " WARN tower_edge::rate_limit: every network",
        "of your proxies",
    );
}

#[test]
fn another_field_than_the_one_that_is_read_is_logged_once() {
    let trusting = trusting(&["192.0.2.0/24"]);
    let fine = [
        logged(&trusting, PEER, &[FORWARDED_FOR]),
        logged(&trusting, PEER, &[]),
        logged(
            &trusting,
            PEER,
            &[("x-forwarded-for", "unknown"), FORWARDED],
        ),
        logged(&trusting, Some("203.0.113.9:1"), &[FORWARDED]),
    ];

    let mut lines = logged(&trusting, PEER, &[FORWARDED]);
    let forwarded = trusting.with_forwarded_field(ForwardedField::Forwarded);
    lines.extend(logged(&forwarded, PEER, &[FORWARDED_FOR]));

    assert_eq!(fine.concat(), [""; 0]);
    assert_logged_once(
        &lines,
        " WARN tower_edge::rate_limit: a trusted proxy",
        "`with_forwarded_field`",
    );
}
