use std::iter;
use std::net::IpAddr;

use http::HeaderName;
use http::header::FORWARDED;
use smallvec::SmallVec;
use tower_edge_core::Head;

/// The field in which trusted proxies forward the client's address.
///
/// Only one field is read. A proxy that writes one field passes the others on as the client sent them.
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
    /// The forwarded addresses, from the nearest proxy on. `None` for an entry that is not an address.
    pub(super) fn hops<'a>(&'a self, head: Head<'a>) -> impl Iterator<Item = Option<IpAddr>> {
        let (one, list) = match self {
            Self::Address(name) => (head.field(name).one(), None),
            list => (None, Some(head.headers.get_all(list.name()).iter().rev())),
        };
        let separator = one.is_none().then_some(b',');
        let lines = one.into_iter().chain(list.into_iter().flatten());
        let entries = lines.flat_map(move |line| rsplit(line.as_bytes(), separator));
        entries.map(|entry| self.address(entry))
    }

    pub(super) fn name(&self) -> &HeaderName {
        match self {
            Self::XForwardedFor => &X_FORWARDED_FOR,
            Self::Forwarded => &FORWARDED,
            Self::Address(name) => name,
        }
    }

    fn address(&self, entry: &[u8]) -> Option<IpAddr> {
        let node = match self {
            Self::Forwarded => forwarded_for(entry)?,
            // The field always has a port, and an IPv6 address never has brackets: the last colon is that of the port.
            Self::Address(name) if *name == CLOUDFRONT => {
                &entry[..entry.iter().rposition(|byte| *byte == b':')?]
            }
            _ => entry,
        };
        address(&unquoted(node.trim_ascii())?)
    }
}

/// The parameter `for` of an element, its name in any case, and once at most
/// ([RFC 7239, section 4](https://www.rfc-editor.org/rfc/rfc7239#section-4)).
fn forwarded_for(element: &[u8]) -> Option<&[u8]> {
    let mut node = None;
    let pairs = rsplit(element, Some(b';')).map(<[u8]>::trim_ascii);
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=')?);
        if name.eq_ignore_ascii_case(b"for") && node.replace(&value[1..]).is_some() {
            return None;
        }
    }
    node
}

/// The address of a node, with or without a port and brackets
/// ([RFC 7239, section 6](https://www.rfc-editor.org/rfc/rfc7239#section-6)).
///
/// `unknown`, an identifier like `_hidden` and the unspecified address are no client's. A zone is dropped, since it has
/// a meaning only on the machine that wrote it ([RFC 4007, section
/// 11](https://www.rfc-editor.org/rfc/rfc4007#section-11)).
fn address(node: &[u8]) -> Option<IpAddr> {
    let node = str::from_utf8(node).ok()?;
    let (host, port) = match node.strip_prefix('[') {
        Some(node) => node
            .split_once(']')
            .filter(|(host, _)| host.contains(':'))?,
        _ if node.matches(':').count() == 1 => node.split_at(node.find(':')?),
        _ => (node, ""),
    };
    let host = match host.split_once('%') {
        Some((address, zone)) if address.contains(':') && !zone.is_empty() => address,
        _ => host,
    };
    let is_node = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    let address = host.parse::<IpAddr>().ok()?.to_canonical();
    (is_node && !address.is_unspecified()).then_some(address)
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

/// The parts between separators, from the right. A separator in quotes is a part of the text
/// ([RFC 9110, section 5.6.4](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4)).
///
/// Each proxy adds its element at the right: a quote that a client has left open must not swallow the elements of
/// proxies.
fn rsplit(text: &[u8], separator: Option<u8>) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest.take()?;
        let mut is_quoted = false;
        for (at, byte) in text.iter().enumerate().rev() {
            let before = &text[..at];
            if *byte == b'"' && !(is_quoted && is_escape(before)) {
                is_quoted = !is_quoted;
            } else if Some(*byte) == separator && !is_quoted {
                rest = Some(before);
                return Some(&text[at + 1..]);
            }
        }
        Some(text)
    })
}

/// Whether the next character is escaped: two backslashes are one literal backslash.
fn is_escape(before: &[u8]) -> bool {
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

/// The content of a quoted string, or the text itself if it is not quoted; `None` for quotes that are not closed.
fn unquoted(text: &[u8]) -> Option<SmallVec<[u8; NODE]>> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return Some(SmallVec::from_slice(text));
    };
    let mut is_escaped = false;
    let content = quoted.strip_suffix(b"\"")?.iter().copied().filter(|byte| {
        is_escaped = *byte == b'\\' && !is_escaped;
        !is_escaped
    });
    let content = content.collect();
    (!is_escaped).then_some(content)
}

static CLOUDFRONT: HeaderName = HeaderName::from_static("cloudfront-viewer-address");
static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The longest address with brackets, zone and port. It is read without allocation.
const NODE: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        let parts = rsplit(text.as_bytes(), Some(b','));
        parts
            .map(|part| std::str::from_utf8(part).unwrap())
            .collect()
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
        let content = |text: &str| unquoted(text.as_bytes()).map(|content| content.to_vec());

        assert_eq!(content("a"), Some(b"a".to_vec()));
        assert_eq!(content(r#""a\b\\""#), Some(br"ab\".to_vec()));
        for open in ["\"", "\"a", r#""a\""#] {
            assert_eq!(content(open), None, "{open}");
        }
        assert_eq!(address(&[b'1'; 200]), None);
    }
}
