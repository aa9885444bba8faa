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
    let network = address
        .network(head)
        .map_or(NOBODY, |network| network.addr());
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
