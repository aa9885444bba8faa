use std::net::{IpAddr, Ipv6Addr};

/// The address of a node as proxies write it: an address, with a port or in brackets too
/// ([RFC 7239, section 6](https://www.rfc-editor.org/rfc/rfc7239#section-6)).
///
/// `unknown`, an identifier like `_hidden` and the unspecified address are nobody's.
pub(super) fn address(node: &[u8]) -> Option<IpAddr> {
    let node = std::str::from_utf8(node).ok()?;
    let address = if let Some(node) = node.strip_prefix('[') {
        let (address, port) = node.split_once(']')?;
        let is_node = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        IpAddr::V6(ipv6(address).filter(|_| is_node)?)
    } else {
        match node.split_once(':') {
            None => IpAddr::V4(node.parse().ok()?),
            Some((_, rest)) if rest.contains(':') => IpAddr::V6(ipv6(node)?),
            Some((address, port)) => IpAddr::V4(address.parse().ok().filter(|_| is_port(port))?),
        }
    };
    let address = address.to_canonical();
    (!address.is_unspecified()).then_some(address)
}

/// Without its zone, which means something on the machine that wrote it alone
/// ([RFC 4007, section 11](https://www.rfc-editor.org/rfc/rfc4007#section-11)).
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    match text.split_once('%') {
        Some((_, "")) => None,
        Some((address, _)) => address.parse().ok(),
        None => text.parse().ok(),
    }
}

/// `port = 1*5DIGIT`, `obfport = "_" 1*(ALPHA / DIGIT / "." / "_" / "-")`
/// ([RFC 7239, section 6](https://www.rfc-editor.org/rfc/rfc7239#section-6)).
fn is_port(port: &str) -> bool {
    let is_obfuscated = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    match port.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.bytes().all(is_obfuscated),
        None => matches!(port.len(), 1..=5) && port.bytes().all(|byte| byte.is_ascii_digit()),
    }
}
