use std::iter;
use std::net::{IpAddr, Ipv6Addr};

use http::HeaderName;
use http::header::FORWARDED;
use tower_edge_core::Head;

/// The field in which trusted proxies forward the client's address.
///
/// Only one is read. A proxy that writes one field passes the others on as the client sent them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedField {
    /// `X-Forwarded-For`, a list of addresses.
    #[default]
    XForwardedFor,
    /// `Forwarded`, whose parameter `for` is the address
    /// ([RFC 7239, section 4](https://www.rfc-editor.org/rfc/rfc7239#section-4)).
    Forwarded,
    /// A field of this name that holds one address.
    Address(HeaderName),
}

impl ForwardedField {
    pub(super) const LISTS: [Self; 2] = [Self::XForwardedFor, Self::Forwarded];

    /// The addresses that were forwarded, from the nearest proxy on; `None` for an entry that is not an address.
    pub(super) fn hops<'a>(&'a self, head: Head<'a>) -> impl Iterator<Item = Option<IpAddr>> {
        let (one, list) = match self {
            Self::Address(name) => (head.field(name).one(), None),
            _ => (None, Some(head.headers.get_all(self.name()).iter().rev())),
        };
        let lines = one.into_iter().chain(list.into_iter().flatten());
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

    pub(super) fn name(&self) -> &HeaderName {
        match self {
            Self::XForwardedFor => &X_FORWARDED_FOR,
            Self::Forwarded => &FORWARDED,
            Self::Address(name) => name,
        }
    }

    fn split_last<'a>(&self, line: &'a [u8]) -> (Option<&'a [u8]>, &'a [u8]) {
        match self {
            Self::XForwardedFor => match line.iter().rposition(|byte| *byte == b',') {
                Some(at) => (Some(&line[..at]), &line[at + 1..]),
                None => (None, line),
            },
            Self::Forwarded => split_last(line, b','),
            Self::Address(_) => (None, line),
        }
    }

    fn address(&self, entry: &[u8]) -> Option<IpAddr> {
        let node = match self {
            Self::Forwarded => forwarded_for(entry)?,
            _ => entry.trim_ascii(),
        };
        match *self.name() == CLOUDFRONT {
            // Always with a port, and never in brackets: the last colon of an IPv6 address is not its own.
            true => address(&node[..node.iter().rposition(|byte| *byte == b':')?]),
            false => unquoted(node, address),
        }
    }
}

/// Any other field than `X-Forwarded-For` and `Forwarded` holds one address.
impl From<HeaderName> for ForwardedField {
    fn from(name: HeaderName) -> Self {
        match name {
            FORWARDED => Self::Forwarded,
            name if name == X_FORWARDED_FOR => Self::XForwardedFor,
            name => Self::Address(name),
        }
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

/// Without its zone, which has a meaning on the machine that wrote it only
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

/// The text before the last separator, and the text after it. A separator in quotes is a part of the text
/// ([RFC 9110, section 5.6.4](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4)).
///
/// Read from the right, where each proxy adds its element: a quote that a client has left open must not swallow the
/// elements of proxies.
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

/// Reads the content of a quoted string, or the text itself if it is not quoted; `None` for quotes that are not closed,
/// and for more than an address needs.
fn unquoted<T>(text: &[u8], read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return read(text);
    };
    let quoted = quoted.strip_suffix(b"\"")?;
    if !quoted.contains(&b'\\') {
        return read(quoted);
    }
    let mut content = [0; MAX_NODE];
    let mut length = 0;
    let mut bytes = quoted.iter();
    while let Some(byte) = bytes.next() {
        let byte = if *byte == b'\\' { bytes.next()? } else { byte };
        *content.get_mut(length)? = *byte;
        length += 1;
    }
    read(content.get(..length)?)
}

/// Whether what follows is escaped: each pair of backslashes is one that is meant.
fn is_escape(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

static CLOUDFRONT: HeaderName = HeaderName::from_static("cloudfront-viewer-address");
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
