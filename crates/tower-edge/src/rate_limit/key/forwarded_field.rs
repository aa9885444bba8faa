use std::iter;
use std::net::{IpAddr, Ipv6Addr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};

/// The one field in which trusted proxies say for whom they ask.
///
/// The other is not read: a proxy that writes one field hands the other on as a client has sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedField {
    /// `X-Forwarded-For`, a list of addresses.
    #[default]
    XForwardedFor,
    /// `Forwarded`, whose parameter `for` is the address
    /// ([RFC 7239, section 4](https://www.rfc-editor.org/rfc/rfc7239#section-4)).
    Forwarded,
}

impl ForwardedField {
    /// For whom each proxy has asked, the nearest proxy first; `None` for an entry that is no address.
    pub(super) fn hops(self, headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
        let lines = headers.get_all(self.name()).iter().rev();
        let entries = lines.flat_map(move |line| {
            let mut rest = Some(line.as_bytes());
            iter::from_fn(move || {
                let (before, last) = self.split_last(rest?);
                rest = before;
                Some(last)
            })
        });
        entries.map(move |entry| self.address(entry))
    }

    /// Whether anybody says for whom this is asked.
    pub(super) fn is_in(self, headers: &HeaderMap) -> bool {
        headers.contains_key(self.name())
    }

    fn name(self) -> &'static HeaderName {
        match self {
            Self::XForwardedFor => &X_FORWARDED_FOR,
            Self::Forwarded => &FORWARDED,
        }
    }

    fn split_last(self, list: &[u8]) -> (Option<&[u8]>, &[u8]) {
        match self {
            Self::XForwardedFor => match list.iter().rposition(|byte| *byte == b',') {
                Some(at) => (Some(&list[..at]), &list[at + 1..]),
                None => (None, list),
            },
            Self::Forwarded => split_last(list, b','),
        }
    }

    fn address(self, entry: &[u8]) -> Option<IpAddr> {
        let node = match self {
            Self::XForwardedFor => entry.trim_ascii(),
            Self::Forwarded => forwarded_for(entry)?,
        };
        unquoted(node, address)
    }
}

/// The parameter `for` of an element, its name in any case, and once at most
/// ([RFC 7239, section 4](https://www.rfc-editor.org/rfc/rfc7239#section-4)).
fn forwarded_for(element: &[u8]) -> Option<&[u8]> {
    let mut node = None;
    let mut rest = Some(element);
    while let Some(pairs) = rest {
        let (before, pair) = split_last(pairs, b';');
        rest = before;
        let pair = pair.trim_ascii();
        if pair.is_empty() {
            continue;
        }
        let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=')?);
        if name.eq_ignore_ascii_case(b"for") && node.replace(&value[1..]).is_some() {
            return None;
        }
    }
    node
}

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

/// What stands before the last separator, and what after it; a separator in quotes is none
/// ([RFC 9110, section 5.6.4](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4)).
///
/// From the right, since each proxy adds its element there: a quote that a client has left open must
/// not swallow what proxies have written after it.
fn split_last(text: &[u8], separator: u8) -> (Option<&[u8]>, &[u8]) {
    let mut is_quoted = false;
    for (at, byte) in text.iter().enumerate().rev() {
        let before = &text[..at];
        if *byte == b'"' && !(is_quoted && is_escape(before)) {
            is_quoted = !is_quoted;
        } else if *byte == separator && !is_quoted {
            return (Some(before), &text[at + 1..]);
        }
    }
    (None, text)
}

/// Hands on what the quoted string says, or the text itself when it is not quoted; `None` for quotes
/// that are not closed, and for what is too long for an address.
fn unquoted<T>(text: &[u8], read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return read(text);
    };
    let quoted = quoted.strip_suffix(b"\"")?;
    if !quoted.contains(&b'\\') {
        return read(quoted);
    }
    let mut said = [0; MAX_NODE];
    let mut length = 0;
    let mut bytes = quoted.iter();
    while let Some(byte) = bytes.next() {
        let byte = if *byte == b'\\' { bytes.next()? } else { byte };
        *said.get_mut(length)? = *byte;
        length += 1;
    }
    read(said.get(..length)?)
}

/// Whether what follows is escaped: each pair of backslashes is one that is meant.
fn is_escape(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Longer than any address with brackets, zone and port.
const MAX_NODE: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        let mut parts = Vec::new();
        let mut rest = Some(text.as_bytes());
        while let Some(text) = rest {
            let (before, last) = split_last(text, b',');
            parts.push(std::str::from_utf8(last).unwrap());
            rest = before;
        }
        parts
    }

    // RFC 9110, section 5.6.4: what is between quotes is one value, and a backslash escapes a quote.
    #[test]
    fn a_separator_in_quotes_is_none() {
        for (text, expected) in [
            ("a,b,c", &["c", "b", "a"][..]),
            (r#"a,"b,c",d"#, &["d", r#""b,c""#, "a"]),
            (r#"a,"b\",c",d"#, &["d", r#""b\",c""#, "a"]),
            (r#"a,"b\\",d"#, &["d", r#""b\\""#, "a"]),
            ("", &[""]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn a_quote_left_open_swallows_nothing_to_its_right() {
        assert_eq!(parts(r#"for=",b"#), ["b", r#"for=""#]);
        assert_eq!(parts(r#"",b,"c,d""#), [r#""c,d""#, "b", "\""]);
    }

    #[test]
    fn escapes_are_what_they_escape() {
        let said = |text: &str| unquoted(text.as_bytes(), |said| Some(said.to_vec()));

        assert_eq!(said("a"), Some(b"a".to_vec()));
        assert_eq!(said(r#""a\b\\""#), Some(br"ab\".to_vec()));
        for open in ["\"", "\"a", r#""a\""#, &format!("\"\\{}\"", "a".repeat(97))] {
            assert_eq!(said(open), None, "{open}");
        }
    }
}
