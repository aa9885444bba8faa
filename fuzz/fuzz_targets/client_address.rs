//! Whatever the fields are, a client on IPv6 is the whole network that it has, and a peer that is not trusted is itself.
#![no_main]

use std::net::{IpAddr, SocketAddr};

use http::HeaderName;
use ipnet::IpNet;
use libfuzzer_sys::fuzz_target;
use tower_edge::rate_limit::key::{ForwardedField, PeerAddress};
use tower_edge::rate_limit::{ApiKey, ClientAddress, Key, KeyExtractor};
use tower_edge::{Head, Network};
use tower_edge_fuzz::{head, lines};

fuzz_target!(|data: &[u8]| {
    let names = [
        "x-forwarded-for",
        "forwarded",
        "x-forwarded-for",
        "authorization",
        "x-api-key",
        "x-real-ip",
        "cloudfront-viewer-address",
    ];
    let values: [&[u8]; 7] = lines(data);
    let fields = names.map(HeaderName::from_static).into_iter();
    let mut request = head(fields.zip(values));
    let peer = IpAddr::from([10, 0, 0, 1]);
    request
        .extensions_mut()
        .insert(PeerAddress(SocketAddr::new(peer, 1)));
    let head = Head::from(&request);

    let everybody = ["0.0.0.0/0", "::/0"].map(|network| network.parse::<Network>().unwrap());
    let list = |field| ClientAddress::new().with_forwarded_field(field);
    for address in [
        list(ForwardedField::XForwardedFor),
        list(ForwardedField::Forwarded),
        ClientAddress::X_REAL_IP,
        ClientAddress::CLOUDFRONT_VIEWER_ADDRESS,
    ] {
        assert_eq!(address.find(head), Some(peer));
        assert_eq!(
            address.clone().with_trusted_hops(0).key(head),
            Some(Key::from(peer))
        );
        for trusting in [
            address.clone().with_trusted_proxies(everybody),
            address.with_trusted_hops(usize::MAX),
        ] {
            let network = IpNet::from(trusting.network(head).unwrap());
            assert_eq!(network, network.trunc());
            assert_eq!(
                network.prefix_len(),
                if network.addr().is_ipv4() { 32 } else { 56 }
            );
            assert_eq!(trusting.key(head), Some(Key::from(network.addr())));
        }
    }
    // An address with a port is that address, in the spelling of the standard library.
    let real_ip = ClientAddress::X_REAL_IP.with_trusted_hops(1).find(head);
    let text = str::from_utf8(values[5]).ok();
    if let Some(address) = text.and_then(|text| text.parse::<SocketAddr>().ok()) {
        let address = address.ip().to_canonical();
        assert_eq!(
            real_ip,
            Some(if address.is_unspecified() {
                peer
            } else {
                address
            })
        );
    }
    if let Some(key) = ApiKey.key(head) {
        assert_ne!(key, Key::from(""));
    }
});
