//! Whoever a request is charged to, an IPv6 client is its whole network, and a peer that is not
//! trusted is itself.
#![no_main]

use std::net::{IpAddr, SocketAddr};

use http::HeaderName;
use ipnet::IpNet;
use libfuzzer_sys::fuzz_target;
use tower_edge::Head;
use tower_edge::rate_limit::{ApiKey, ClientAddress, Key, KeyExtractor};
use tower_edge::rate_limit::key::{ForwardedField, PeerAddress};
use tower_edge_fuzz::{head, lines};

fuzz_target!(|data: &[u8]| {
    let [forwarded_for, forwarded, more, authorization, key] = lines(data);
    let names = [
        "x-forwarded-for",
        "forwarded",
        "x-forwarded-for",
        "authorization",
        "x-api-key",
    ];
    let fields = names.map(HeaderName::from_static).into_iter();
    let mut request = head(fields.zip([forwarded_for, forwarded, more, authorization, key]));
    let peer = IpAddr::from([10, 0, 0, 1]);
    request
        .extensions_mut()
        .insert(PeerAddress(SocketAddr::new(peer, 1)));
    let head = Head::from(&request);

    let everybody = ["0.0.0.0/0", "::/0"].map(|network| network.parse::<IpNet>().unwrap());
    let believing = ClientAddress::new().with_trusted_proxies(everybody);
    for field in [ForwardedField::XForwardedFor, ForwardedField::Forwarded] {
        match believing.clone().with_forwarded_field(field).key(head) {
            Some(Key::Address(IpAddr::V6(address))) => assert_eq!(address.segments()[4..], [0; 4]),
            Some(Key::Address(IpAddr::V4(_))) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ClientAddress::new().key(head), Some(Key::Address(peer)));
    if let Some(key) = ApiKey.key(head) {
        assert!(matches!(key, Key::Text(text) if !text.is_empty()));
    }
});
