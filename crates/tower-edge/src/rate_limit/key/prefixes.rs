use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// How many leading bits of an address identify a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefixes {
    ipv4: u8,
    ipv6: u8,
}

impl Prefixes {
    pub(super) fn with_ipv4(self, bits: u8) -> Result<Self, KeyError> {
        match bits {
            1..=32 => Ok(Self { ipv4: bits, ..self }),
            _ => Err(KeyError::new("IPv4 prefix", bits, "1 to 32 bits")),
        }
    }

    pub(super) fn with_ipv6(self, bits: u8) -> Result<Self, KeyError> {
        match bits {
            1..=128 => Ok(Self { ipv6: bits, ..self }),
            _ => Err(KeyError::new("IPv6 prefix", bits, "1 to 128 bits")),
        }
    }

    /// The network that the address is in.
    pub(super) fn network(self, address: IpAddr) -> IpNet {
        let bits = match address {
            IpAddr::V4(_) => self.ipv4,
            IpAddr::V6(_) => self.ipv6,
        };
        IpNet::new(address, bits).map_or_else(|_| address.into(), |network| network.trunc())
    }
}

impl Default for Prefixes {
    fn default() -> Self {
        Self { ipv4: 32, ipv6: 56 }
    }
}

/// A setting of a key has an invalid value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError {
    setting: &'static str,
    value: String,
    expected: &'static str,
}

impl KeyError {
    pub(super) fn new(setting: &'static str, value: impl ToString, expected: &'static str) -> Self {
        let value = value.to_string();
        Self {
            setting,
            value,
            expected,
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            value,
            expected,
        } = self;
        write!(f, "invalid {setting} {value:?}: expected {expected}")
    }
}

impl Error for KeyError {}

/// The IPv4 address that an IPv6 address stands for, else the address itself.
///
/// Clients are counted by it, and nobody is trusted by it: whoever has one of these IPv6 addresses does not have the
/// IPv4 address in it.
pub(super) fn unwrapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(ipv6) => embedded(ipv6).map_or(address, IpAddr::V4),
    }
}

/// NAT64 under the well-known prefix
/// ([RFC 6052, section 2.1](https://www.rfc-editor.org/rfc/rfc6052#section-2.1)), and 6to4
/// ([RFC 3056, section 2](https://www.rfc-editor.org/rfc/rfc3056#section-2)). In another
/// prefix, such as one of `64:ff9b:1::/48`, only its operator knows where the IPv4 address is.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d] = match address.octets() {
        [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d]
        | [0x20, 0x02, a, b, c, d, ..] => [a, b, c, d],
        _ => return None,
    };
    Some(Ipv4Addr::new(a, b, c, d)).filter(|address| is_public(*address))
}

/// Both prefixes are for addresses that are valid everywhere
/// ([RFC 6052, section 3.1](https://www.rfc-editor.org/rfc/rfc6052#section-3.1)); another one is made
/// up, and must not be counted with whoever has it here.
const fn is_public(address: Ipv4Addr) -> bool {
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_cut_to_its_network() {
        let prefixes = |ipv4, ipv6| {
            let prefixes = Prefixes::default().with_ipv4(ipv4).unwrap();
            prefixes.with_ipv6(ipv6).unwrap()
        };
        for (prefixes, address, network) in [
            (Prefixes::default(), "192.0.2.255", "192.0.2.255"),
            (
                Prefixes::default(),
                "2001:db8:1:2ff:3::4",
                "2001:db8:1:200::",
            ),
            (prefixes(24, 64), "192.0.2.255", "192.0.2.0"),
            (prefixes(24, 64), "2001:db8:1:2ff:3::4", "2001:db8:1:2ff::"),
            (prefixes(1, 1), "192.0.2.255", "128.0.0.0"),
            (prefixes(1, 1), "ffff::1", "8000::"),
            (prefixes(32, 128), "192.0.2.255", "192.0.2.255"),
            (prefixes(32, 128), "2001:db8::1", "2001:db8::1"),
        ] {
            let cut = prefixes.network(address.parse().unwrap());
            assert_eq!(cut.addr().to_string(), network, "{address} {prefixes:?}");
        }
    }

    #[test]
    fn a_length_that_there_is_not_is_rejected() {
        for bits in [0, 33, 255] {
            let error = Prefixes::default().with_ipv4(bits).unwrap_err();
            let expected = format!("invalid IPv4 prefix \"{bits}\": expected 1 to 32 bits");
            assert_eq!(error.to_string(), expected);
        }
        for bits in [0, 129] {
            let error = Prefixes::default().with_ipv6(bits).unwrap_err();
            let expected = format!("invalid IPv6 prefix \"{bits}\": expected 1 to 128 bits");
            assert_eq!(error.to_string(), expected);
        }
    }

    fn assert_unwrapped(rows: &[(&str, &str)]) {
        for (address, expected) in rows {
            let unwrapped = unwrapped(address.parse().unwrap());
            assert_eq!(unwrapped.to_string(), *expected, "{address}");
        }
    }

    // RFC 6052, section 2.1: the well-known prefix is 64:ff9b::/96.
    #[test]
    fn nat64_is_the_address_in_the_last_32_bits() {
        assert_unwrapped(&[
            ("64:ff9b::192.0.2.1", "192.0.2.1"),
            ("64:ff9b::1:c000:201", "64:ff9b::1:c000:201"),
            ("64:ff9b:1::c000:201", "64:ff9b:1::c000:201"),
        ]);
    }

    // RFC 3056, section 2: the prefix of a site is 2002:V4ADDR::/48.
    #[test]
    fn sixtofour_is_the_address_after_the_first_16_bits() {
        assert_unwrapped(&[
            ("2002:c000:201::1", "192.0.2.1"),
            ("2002:c000:201:ffff:1:2:3:4", "192.0.2.1"),
            ("2003:c000:201::1", "2003:c000:201::1"),
        ]);
    }

    // RFC 6052, section 3.1: no address that is not global.
    #[test]
    fn an_address_that_is_nobodys_in_public_stays_wrapped() {
        for address in [
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "2002:7f00:1::1",
            "2002:c0a8:101::1",
            "2002::1",
        ] {
            assert_unwrapped(&[(address, address)]);
        }
    }

    #[test]
    fn other_addresses_are_themselves() {
        assert_unwrapped(&[("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1")]);
    }
}
