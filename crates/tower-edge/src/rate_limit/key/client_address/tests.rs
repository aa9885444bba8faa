use std::net::SocketAddr;

use http::{HeaderValue, Request};
use tower_edge_core::PeerAddress;

use super::*;

/// A row of `forwarded.txt`.
#[derive(Debug)]
struct Row<'a> {
    peer: &'a str,
    trusted: &'a str,
    field: &'a str,
    lines: &'a str,
    key: &'a str,
}

impl<'a> Row<'a> {
    fn all(table: &'a str) -> Vec<Self> {
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        rows.filter(|line| !line.is_empty())
            .map(|line| {
                let columns: Vec<_> = line.split(" | ").collect();
                let [peer, trusted, field, lines, key] = columns[..] else {
                    panic!("{line}");
                };
                Self {
                    peer,
                    trusted,
                    field,
                    lines,
                    key,
                }
            })
            .collect()
    }

    fn client_address(&self) -> ClientAddress {
        let networks = self.trusted.split(", ").filter(|network| *network != "-");
        let address = ClientAddress::new()
            .with_trusted_proxies(networks.map(|network| network.parse().unwrap()));
        match self.field {
            "F" => address.with_forwarded_field(ForwardedField::Forwarded),
            _ => address,
        }
    }

    fn request(&self) -> Request<()> {
        let mut request = Request::builder();
        for line in self.lines.split(" // ").filter(|line| *line != "-") {
            let (name, value) = line.split_at(1);
            let name = match name {
                "F" => "forwarded",
                _ => "x-forwarded-for",
            };
            request = request.header(name, value);
        }
        let request = request.body(()).unwrap();
        match self.peer {
            "-" => request,
            peer => from(peer, request),
        }
    }
}

fn from(peer: &str, mut request: Request<()>) -> Request<()> {
    let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
    request.extensions_mut().insert(PeerAddress(peer));
    request
}

fn key(address: &ClientAddress, request: &Request<()>) -> String {
    let head = Head::from(request);
    let network = address.network(head).map_or(NOBODY, Network::addr);
    assert_eq!(address.key(head), Some(Key::from(network)));
    network.to_string()
}

#[test]
fn the_client_is_whom_nobody_but_trusted_proxies_could_name() {
    let rows = Row::all(include_str!("forwarded.txt"));

    for row in &rows {
        assert_eq!(
            key(&row.client_address(), &row.request()),
            row.key,
            "{row:?}"
        );
    }

    assert!(rows.len() > 100, "{}", rows.len());
}

#[test]
fn a_line_that_is_no_text_ends_the_search() {
    let address = ClientAddress::new().with_trusted_proxies(["10.0.0.0/8".parse().unwrap()]);
    for line in [&b"203.0.113.9, \xff"[..], b"203.0.113.9, 198.51.100.7\xa0"] {
        let line = HeaderValue::from_bytes(line).unwrap();
        let request = Request::builder().header("x-forwarded-for", line);

        let request = from("10.0.0.1", request.body(()).unwrap());

        assert_eq!(key(&address, &request), "10.0.0.1");
    }
}

#[test]
fn so_many_entries_are_read_and_no_more() {
    let address = ClientAddress::new().with_trusted_proxies(["10.0.0.0/8".parse().unwrap()]);
    let behind = |proxies: usize| {
        let mut list = String::from("198.51.100.7");
        for proxy in 0..proxies {
            list += &format!(", 10.0.1.{}", proxies - proxy);
        }
        let request = Request::builder().header("x-forwarded-for", list);
        key(&address, &from("10.0.0.1", request.body(()).unwrap()))
    };

    assert_eq!(behind(MAX_HOPS - 1), "198.51.100.7");
    assert_eq!(behind(MAX_HOPS), "10.0.1.32");
    assert_eq!(behind(250), "10.0.1.32");
}

#[test]
fn prefixes_cut_the_addresses_of_peers_and_of_fields_alike() {
    let address = ClientAddress::new()
        .with_ipv4_prefix(24)
        .and_then(|address| address.with_ipv6_prefix(48))
        .unwrap()
        .with_trusted_proxies(["10.0.0.0/8".parse().unwrap()]);
    let named = |client: &str| {
        let request = Request::builder().header("x-forwarded-for", client);
        from("10.0.0.1", request.body(()).unwrap())
    };

    for (client, network) in [
        ("198.51.100.7", "198.51.100.0"),
        ("2001:db8:1:2::3", "2001:db8:1::"),
        ("64:ff9b::198.51.100.7", "198.51.100.0"),
    ] {
        assert_eq!(key(&address, &from(client, Request::new(()))), network);
        assert_eq!(key(&address, &named(client)), network);
    }
}

#[test]
fn an_unknown_peer_may_have_no_key() {
    let address = ClientAddress::new().with_unknown(UnknownAddress::NoKey);

    assert_eq!(address.key(Head::from(&Request::new(()))), None);
    let request = from("192.0.2.1", Request::new(()));
    assert_eq!(key(&address, &request), "192.0.2.1");
}

/// A request from this peer with these fields.
fn request(peer: &str, fields: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::builder();
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(()).unwrap();
    match peer {
        "-" => request,
        peer => from(peer, request),
    }
}

fn trusting(address: ClientAddress) -> ClientAddress {
    address.with_trusted_proxies(["10.0.0.0/8".parse().unwrap()])
}

#[test]
fn a_preset_reads_its_field_from_trusted_peers_only() {
    for (preset, name) in [
        (ClientAddress::CF_CONNECTING_IP, "CF-Connecting-IP"),
        (ClientAddress::FLY_CLIENT_IP, "Fly-Client-IP"),
        (ClientAddress::TRUE_CLIENT_IP, "True-Client-IP"),
        (
            ClientAddress::X_ENVOY_EXTERNAL_ADDRESS,
            "X-Envoy-External-Address",
        ),
        (ClientAddress::X_REAL_IP, "X-Real-IP"),
        (
            ClientAddress::from_header("X-Azure-ClientIP").unwrap(),
            "x-azure-clientip",
        ),
    ] {
        let fields = [(name, "198.51.100.7"), ("x-forwarded-for", "203.0.113.9")];
        let trusting = trusting(preset.clone());

        assert_eq!(
            key(&trusting, &request("10.0.0.1", &fields)),
            "198.51.100.7",
            "{name}"
        );
        assert_eq!(
            key(&trusting, &request("192.0.2.1", &fields)),
            "192.0.2.1",
            "{name}"
        );
        assert_eq!(
            key(&preset, &request("10.0.0.1", &fields)),
            "10.0.0.1",
            "{name}"
        );
        assert_eq!(trusting.fields(), [name.to_lowercase().as_str()]);
    }
}

#[test]
fn a_field_of_one_address_counts_as_a_peer_of_that_address_would() {
    let address = trusting(ClientAddress::CF_CONNECTING_IP);
    for (value, expected) in [
        ("198.51.100.7", "198.51.100.7"),
        (" 198.51.100.7:4711 ", "198.51.100.7"),
        ("\"198.51.100.7\"", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("64:ff9b::198.51.100.7", "198.51.100.7"),
        ("2002:c633:6407::1", "198.51.100.7"),
        ("2001:db8:1:2ff::7", "2001:db8:1:200::"),
        ("2001:0DB8:1:0201:0::7", "2001:db8:1:200::"),
        ("[2001:db8:1:2ff::7]:4711", "2001:db8:1:200::"),
        ("fe80::1%eth0", "fe80::"),
        // The address of a trusted proxy is a client's too.
        ("10.0.0.2", "10.0.0.2"),
    ] {
        let request = request("10.0.0.1", &[("cf-connecting-ip", value)]);
        assert_eq!(key(&address, &request), expected, "{value}");
    }
}

#[test]
fn a_field_of_one_address_that_is_missing_repeated_or_invalid_counts_as_the_peer() {
    let address = trusting(ClientAddress::X_REAL_IP);
    let name = "x-real-ip";
    for fields in [
        [].as_slice(),
        &[(name, "198.51.100.7"), (name, "198.51.100.7")],
        &[(name, "198.51.100.7"), (name, "203.0.113.9")],
        &[(name, "203.0.113.9, 198.51.100.7")],
        &[(name, "")],
        &[(name, "unknown")],
        &[(name, "0.0.0.0")],
        &[("x-forwarded-for", "198.51.100.7")],
    ] {
        assert_eq!(
            key(&address, &request("10.0.0.1", fields)),
            "10.0.0.1",
            "{fields:?}"
        );
    }
}

// CloudFront writes `ADDRESS:PORT`, without brackets around an IPv6 address.
#[test]
fn the_port_of_cloudfront_is_not_a_part_of_the_address() {
    let address = trusting(ClientAddress::CLOUDFRONT_VIEWER_ADDRESS).with_ipv6_prefix(128);
    let address = address.unwrap();
    for (value, expected) in [
        ("198.51.100.10:46532", "198.51.100.10"),
        ("2001:db8::1:46532", "2001:db8::1"),
        ("2001:db8:1:2:3:4:5:6:1234", "2001:db8:1:2:3:4:5:6"),
        ("[2001:db8::1]:46532", "2001:db8::1"),
        ("198.51.100.10", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "10.0.0.1"),
        (":46532", "10.0.0.1"),
        ("", "10.0.0.1"),
    ] {
        let request = request("10.0.0.1", &[("cloudfront-viewer-address", value)]);
        assert_eq!(key(&address, &request), expected, "{value}");
    }
}

#[test]
fn a_list_is_read_as_a_list_whoever_names_its_field() {
    for (name, value) in [
        ("X-Forwarded-For", "203.0.113.9, 198.51.100.7"),
        ("Forwarded", "for=203.0.113.9, for=198.51.100.7"),
    ] {
        let address = trusting(ClientAddress::from_header(name).unwrap());

        assert_eq!(
            key(&address, &request("10.0.0.1", &[(name, value)])),
            "198.51.100.7"
        );
    }
}

#[test]
fn a_name_that_no_field_has_is_rejected() {
    for name in ["", "x client", "x-client:", "x-\u{e9}"] {
        let error = ClientAddress::from_header(name).unwrap_err();

        assert_eq!(error.to_string(), format!("invalid field name {name:?}"));
    }
}

// As Express' `trust proxy`: the peer is the first hop.
#[test]
fn so_many_hops_are_trusted_whatever_their_addresses() {
    let fields = [("x-forwarded-for", "203.0.113.9, 198.51.100.7, 192.0.2.2")];
    for (hops, expected) in [
        (0, "192.0.2.1"),
        (1, "192.0.2.2"),
        (2, "198.51.100.7"),
        (3, "203.0.113.9"),
        (4, "203.0.113.9"),
        (usize::MAX, "203.0.113.9"),
    ] {
        let address = ClientAddress::new().with_trusted_hops(hops);

        assert_eq!(
            key(&address, &request("192.0.2.1", &fields)),
            expected,
            "{hops}"
        );
    }
    let address = ClientAddress::new().with_trusted_hops(2);
    let behind_garbage = [("x-forwarded-for", "203.0.113.9, unknown, 198.51.100.7")];
    assert_eq!(
        key(&address, &request("192.0.2.1", &behind_garbage)),
        "198.51.100.7"
    );
    assert_eq!(key(&address, &request("-", &fields)), "198.51.100.7");
}

#[test]
fn a_proxy_without_an_address_is_trusted_when_that_was_set() {
    let fields = [("x-forwarded-for", "203.0.113.9, 198.51.100.7")];
    let address = ClientAddress::new().with_trusted_unix_socket();

    assert_eq!(key(&address, &request("-", &fields)), "198.51.100.7");
    assert_eq!(key(&address, &request("192.0.2.1", &fields)), "192.0.2.1");
    assert_eq!(key(&address, &request("-", &[])), NOBODY.to_string());
    assert_eq!(
        key(&ClientAddress::new(), &request("-", &fields)),
        NOBODY.to_string()
    );

    let behind = trusting(address);
    let fields = [("x-forwarded-for", "203.0.113.9, 198.51.100.7, 10.0.0.2")];
    assert_eq!(key(&behind, &request("-", &fields)), "198.51.100.7");
}

#[test]
fn what_is_found_is_the_address_and_what_is_limited_the_network() {
    let address = trusting(ClientAddress::new());
    for (client, found, network) in [
        (
            "2001:db8:1:2ff::7",
            "2001:db8:1:2ff::7",
            "2001:db8:1:200::/56",
        ),
        ("::ffff:198.51.100.7", "198.51.100.7", "198.51.100.7/32"),
        (
            "64:ff9b::198.51.100.7",
            "64:ff9b::c633:6407",
            "198.51.100.7/32",
        ),
    ] {
        for request in [
            request(client, &[]),
            request("10.0.0.1", &[("x-forwarded-for", client)]),
        ] {
            let head = Head::from(&request);

            assert_eq!(address.find(head), Some(found.parse().unwrap()));
            assert_eq!(address.network(head), Some(network.parse().unwrap()));
        }
    }
    let unknown = Request::new(());
    assert_eq!(address.find(Head::from(&unknown)), None);
    assert_eq!(address.network(Head::from(&unknown)), None);
}
