use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
