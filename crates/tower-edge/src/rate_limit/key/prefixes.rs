use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The network of this many bits that the address is in.
pub(super) fn network(address: IpAddr, ipv4_bits: u8, ipv6_bits: u8) -> IpNet {
    let bits = match address {
        IpAddr::V4(_) => ipv4_bits,
        IpAddr::V6(_) => ipv6_bits,
    };
    IpNet::new(address, bits).map_or_else(|_| address.into(), |network| network.trunc())
}

/// Checks the length of a network prefix.
pub(super) fn prefix(version: &str, bits: u8, max: u8) -> Result<u8, KeyError> {
    let error = || format!("invalid {version} prefix {bits}: expected 1 to {max} bits");
    let is_valid = (1..=max).contains(&bits);
    is_valid.then_some(bits).ok_or_else(|| KeyError(error()))
}

/// A setting of a key has an invalid value. The message names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(pub(super) String);

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for KeyError {}

/// The IPv4 address that an IPv6 address stands for, else the address itself.
///
/// It is for counting clients, never for trusting them: whoever has one of these IPv6 addresses does not have the IPv4
/// address in it.
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

/// Both prefixes are for addresses that are valid everywhere ([RFC 6052, section
/// 3.1](https://www.rfc-editor.org/rfc/rfc6052#section-3.1)). Another address is made up, and must not count with its
/// local owner.
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
        for (ipv4_bits, ipv6_bits, address, expected) in [
            (32, 56, "192.0.2.255", "192.0.2.255/32"),
            (32, 56, "2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
            (24, 64, "192.0.2.255", "192.0.2.0/24"),
            (24, 64, "2001:db8:1:2ff:3::4", "2001:db8:1:2ff::/64"),
            (1, 1, "192.0.2.255", "128.0.0.0/1"),
            (1, 1, "ffff::1", "8000::/1"),
            (32, 128, "192.0.2.255", "192.0.2.255/32"),
            (32, 128, "2001:db8::1", "2001:db8::1/128"),
        ] {
            let network = network(address.parse().unwrap(), ipv4_bits, ipv6_bits);
            assert_eq!(network.to_string(), expected, "{address}");
        }
    }

    #[test]
    fn a_length_that_there_is_not_is_rejected() {
        for (bits, max) in [(0, 32), (33, 32), (255, 32), (0, 128), (129, 128)] {
            let expected = format!("invalid IP prefix {bits}: expected 1 to {max} bits");
            let error = prefix("IP", bits, max).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        assert_eq!(prefix("IP", 32, 32), Ok(32));
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
