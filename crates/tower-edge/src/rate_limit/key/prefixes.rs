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
}
