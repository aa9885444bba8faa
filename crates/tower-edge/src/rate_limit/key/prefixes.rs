use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How many leading bits of an address tell clients apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefixes {
    ipv4: u8,
    ipv6: u8,
}

impl Prefixes {
    pub(super) fn with_ipv4(self, bits: u8) -> Result<Self, PrefixError> {
        let ipv4 = valid("IPv4", bits, 32)?;
        Ok(Self { ipv4, ..self })
    }

    pub(super) fn with_ipv6(self, bits: u8) -> Result<Self, PrefixError> {
        let ipv6 = valid("IPv6", bits, 128)?;
        Ok(Self { ipv6, ..self })
    }

    /// The network that the address is in.
    pub(super) fn network(self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(address) => {
                let host = u32::MAX.checked_shr(self.ipv4.into()).unwrap_or(0);
                Ipv4Addr::from_bits(address.to_bits() & !host).into()
            }
            IpAddr::V6(address) => {
                let host = u128::MAX.checked_shr(self.ipv6.into()).unwrap_or(0);
                Ipv6Addr::from_bits(address.to_bits() & !host).into()
            }
        }
    }
}

impl Default for Prefixes {
    fn default() -> Self {
        Self { ipv4: 32, ipv6: 64 }
    }
}

/// A prefix is no length that tells clients apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrefixError {
    /// Of which addresses: `IPv4` or `IPv6`.
    pub version: &'static str,
    /// The length that was given.
    pub bits: u8,
    /// The greatest length there is.
    pub max: u8,
}

impl fmt::Display for PrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, bits, max } = self;
        write!(
            f,
            "the {version} prefix of {bits} bits is not valid: 1 to {max} are"
        )
    }
}

impl Error for PrefixError {}

const fn valid(version: &'static str, bits: u8, max: u8) -> Result<u8, PrefixError> {
    if bits == 0 || bits > max {
        return Err(PrefixError { version, bits, max });
    }
    Ok(bits)
}

/// The IPv4 address that an IPv6 address stands for, else the address itself.
///
/// It tells clients apart and must not tell whom to trust: whoever has one of these IPv6 addresses does
/// not have the IPv4 address in it.
pub(super) fn unwrapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(ipv6) => embedded(ipv6).map_or(address, IpAddr::V4),
    }
}

/// NAT64 under the well-known prefix
/// ([RFC 6052, section 2.1](https://www.rfc-editor.org/rfc/rfc6052#section-2.1)), and 6to4
/// ([RFC 3056, section 2](https://www.rfc-editor.org/rfc/rfc3056#section-2)). Under a prefix of
/// somebody's own, those of `64:ff9b:1::/48` among them, nobody else knows where the address is.
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
/// up, and must not be counted with who has it here.
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
            (Prefixes::default(), "2001:db8:1:2:3::4", "2001:db8:1:2::"),
            (prefixes(24, 56), "192.0.2.255", "192.0.2.0"),
            (prefixes(24, 56), "2001:db8:1:2ff::", "2001:db8:1:200::"),
            (prefixes(1, 1), "192.0.2.255", "128.0.0.0"),
            (prefixes(1, 1), "ffff::1", "8000::"),
            (prefixes(32, 128), "192.0.2.255", "192.0.2.255"),
            (prefixes(32, 128), "2001:db8::1", "2001:db8::1"),
        ] {
            let cut = prefixes.network(address.parse().unwrap());
            assert_eq!(cut.to_string(), network, "{address} {prefixes:?}");
        }
    }

    #[test]
    fn a_length_that_there_is_not_is_refused() {
        for bits in [0, 33, 255] {
            let refused = Prefixes::default().with_ipv4(bits).unwrap_err();
            assert_eq!((refused.bits, refused.max), (bits, 32));
        }
        let refused = Prefixes::default().with_ipv6(129).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the IPv6 prefix of 129 bits is not valid: 1 to 128 are"
        );
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
