use std::net::IpAddr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};

/// The networks whose word on other peers is taken; none by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(pub(crate) Arc<[IpNet]>);

impl TrustedProxies {
    pub(crate) fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self(networks.into_iter().map(canonical).collect())
    }

    /// Whether a canonical address is in one of them.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Networks of IPv4-mapped addresses as what they map, as all addresses are looked up.
fn canonical(network: IpNet) -> IpNet {
    let mapped = |network: IpNet| {
        let IpAddr::V4(address) = network.addr().to_canonical() else {
            return None;
        };
        let bits = network.prefix_len().checked_sub(MAPPED)?;
        Ipv4Net::new(address, bits).ok().map(IpNet::V4)
    };
    match network {
        IpNet::V4(_) => network,
        IpNet::V6(_) => mapped(network).unwrap_or(network),
    }
}

/// The length of `::ffff:0:0/96`
/// ([RFC 4291, section 2.5.5.2](https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2)).
const MAPPED: u8 = 96;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_mapped_addresses_is_the_one_that_they_map() {
        let networks = ["::ffff:10.0.0.0/104", "fd00::/8"].map(|text| text.parse().unwrap());
        let trusted = TrustedProxies::new(networks);

        for (address, expected) in [
            ("10.1.2.3", true),
            ("fd00::1", true),
            ("11.1.2.3", false),
            ("::1", false),
        ] {
            assert_eq!(
                trusted.contains(address.parse().unwrap()),
                expected,
                "{address}"
            );
        }
        assert!(!TrustedProxies::default().contains("10.1.2.3".parse().unwrap()));
    }
}
