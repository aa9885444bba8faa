use std::net::Ipv6Addr;

/// A host and a port, as in a `Host` field or the authority of a target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Authority<'a> {
    host: &'a [u8],
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// `uri-host [":" port]` ([RFC 9110, section 7.2](https://www.rfc-editor.org/rfc/rfc9110#section-7.2)), with a
    /// host that is not empty and a port that TCP allows.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let end = match text.first()? {
            b'[' => text.iter().position(|byte| *byte == b']')? + 1,
            _ => text
                .iter()
                .position(|byte| *byte == b':')
                .unwrap_or(text.len()),
        };
        let (host, rest) = text.split_at_checked(end)?;
        let port = match rest {
            [] => None,
            [b':', digits @ ..] => port(digits)?,
            _ => return None,
        };
        is_host(host).then_some(Self { host, port })
    }

    /// Whether both name the same host and port. Either may omit the default port of the scheme ([RFC 3986, section
    /// 6.2.3](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.3)).
    pub(super) fn is_same(&self, other: &Self, default_port: Option<u16>) -> bool {
        self.host.eq_ignore_ascii_case(other.host)
            && self.port.or(default_port) == other.port.or(default_port)
    }
}

/// `*DIGIT`; no digits are no port.
fn port(digits: &[u8]) -> Option<Option<u16>> {
    let port = digits.iter().try_fold(0_u16, |port, byte| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        port.checked_mul(10)?.checked_add(digit.into())
    })?;
    Some((!digits.is_empty()).then_some(port))
}

/// `IP-literal / IPv4address / reg-name`
/// ([RFC 3986, section 3.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2)). Each IPv4 address is a
/// `reg-name` too.
fn is_host(host: &[u8]) -> bool {
    match host {
        [b'[', b'v' | b'V', version @ .., b']'] => is_later_address(version),
        [b'[', address @ .., b']'] => {
            str::from_utf8(address).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
        }
        name => !name.is_empty() && is_name(name),
    }
}

/// The rest of `IPvFuture`, a version and an address.
fn is_later_address(text: &[u8]) -> bool {
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let (version, address) = (parts.next(), parts.next());
    version.is_some_and(|hex| !hex.is_empty() && hex.iter().all(u8::is_ascii_hexdigit))
        && address.is_some_and(|address| {
            let may_have = |byte: &u8| *byte == b':' || is_unreserved_or_delimiter(*byte);
            !address.is_empty() && address.iter().all(may_have)
        })
}

/// `*( unreserved / pct-encoded / sub-delims )`
fn is_name(name: &[u8]) -> bool {
    let mut bytes = name.iter();
    while let Some(byte) = bytes.find(|byte| !is_unreserved_or_delimiter(**byte)) {
        let is_hex = |digit: Option<&u8>| digit.is_some_and(u8::is_ascii_hexdigit);
        if *byte != b'%' || !is_hex(bytes.next()) || !is_hex(bytes.next()) {
            return false;
        }
    }
    true
}

const fn is_unreserved_or_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~'
            | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_and_addresses_with_and_without_a_port() {
        for text in [
            "a",
            "api.example",
            "api.example:80",
            "api.example:",
            "api.example:00443",
            "api.example:65535",
            "192.0.2.1",
            "192.0.2.1:8080",
            "my_host-1.~",
            "caf%C3%A9.example",
            "a,b",
            "[::1]",
            "[::1]:443",
            "[2001:db8::192.0.2.1]:",
            "[v1.fe80::a+en1]",
        ] {
            assert!(Authority::parse(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_host_with_a_port() {
        for text in [
            "",
            ":80",
            " a",
            "a ",
            "a b",
            "a b/c",
            "a/b",
            "a?b",
            "a#b",
            "a\\b",
            "a\tb",
            "user@a",
            "user:password@a",
            "http://a",
            "a:80:80",
            "a:port",
            "a:-1",
            "a:65536",
            "a:99999",
            "a:00000000000000000000099999",
            "a%zz",
            "a%2",
            "a\"b",
            "<a>",
            "caf\u{e9}",
            "::1",
            "[]",
            "[::1",
            "[::1]x",
            "[::1%25eth0]",
            "[a]",
            "[1.2.3.4]",
            "[v1.]",
            "[v.a]",
            "[vg.a]",
            "[v1]",
        ] {
            assert!(Authority::parse(text.as_bytes()).is_none(), "{text:?}");
        }
    }
}
