//! Percent-encoding ([RFC 3986, section 2.1](https://www.rfc-editor.org/rfc/rfc3986#section-2.1)).

use std::borrow::Cow;
use std::iter;

use super::hex::{hex_digit, hex_upper};

/// Decodes a text: `%` and two hexadecimal digits become that byte, and a `%` without them stays
/// ([URL, percent-decode](https://url.spec.whatwg.org/#percent-decode)).
///
/// ```
/// use tower_edge_core::http_ext::percent_decode;
///
/// let bytes: Vec<u8> = percent_decode(b"100%/a%2Fb%252F").collect();
///
/// assert_eq!(bytes, b"100%/a/b%2F");
/// ```
pub fn percent_decode(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = text;
    iter::from_fn(move || {
        let (&first, left) = rest.split_first()?;
        let (byte, left) = escaped(rest).unwrap_or((first, left));
        rest = left;
        Some(byte)
    })
}

/// Decodes a text, for parsers that reject malformed encoding.
///
/// ```
/// use tower_edge_core::http_ext::try_percent_decode;
///
/// assert_eq!(try_percent_decode("1.2.0%2Bb").as_deref(), Some("1.2.0+b"));
/// assert_eq!(try_percent_decode("100%"), None);
/// ```
///
/// `None` where a `%` is not followed by two hexadecimal digits
/// ([RFC 3986, section 2.1](https://www.rfc-editor.org/rfc/rfc3986#section-2.1)), or where the bytes are not UTF-8.
/// It allocates only where there is something to decode.
#[must_use]
pub fn try_percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(text.into());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, left)) = rest.split_first() {
        let (byte, left) = match first {
            b'%' => escaped(rest)?,
            first => (first, left),
        };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Appends the text. Each byte that `is_kept` does not keep becomes `%` and two digits in upper case.
///
/// ```
/// use tower_edge_core::http_ext::percent_encode;
///
/// let mut uri = String::from("https://example.com/");
/// percent_encode("a b/ü", |byte| byte.is_ascii_alphanumeric(), &mut uri);
///
/// assert_eq!(uri, "https://example.com/a%20b%2F%C3%BC");
/// ```
///
/// Which bytes to keep depends on where the text goes: the sets are those of
/// [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.2).
pub fn percent_encode(text: &str, is_kept: impl Fn(u8) -> bool, out: &mut String) {
    for byte in text.bytes() {
        // A byte of a multi-byte character is always encoded.
        if byte.is_ascii() && is_kept(byte) {
            out.push(byte.into());
        } else {
            let [high, low] = hex_upper(byte);
            out.extend(['%', high.into(), low.into()]);
        }
    }
}

/// The byte of an escape at the start of the text, and what follows it.
const fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    if let [b'%', high, low, rest @ ..] = text
        && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
    {
        Some((high << 4 | low, rest))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // URL, percent-decode: a percent sign without two hexadecimal digits is kept.
    #[test]
    fn escapes_are_bytes_and_what_only_looks_like_one_is_itself() {
        for (text, expected) in [
            ("abc", "abc"),
            ("a%62c", "abc"),
            ("a+b%2Bc%2bd", "a+b+c+d"),
            ("%", "%"),
            ("%4", "%4"),
            ("%4g%%41", "%4g%A"),
            ("%2541", "%41"),
            ("", ""),
        ] {
            let bytes: Vec<_> = percent_decode(text.as_bytes()).collect();
            assert_eq!(bytes, expected.as_bytes(), "{text}");
        }
    }

    // RFC 3986, section 2.1: a pair of hexadecimal digits behind each percent sign.
    #[test]
    fn a_strict_parser_takes_whole_escapes_of_utf_8_alone() {
        for (text, expected) in [
            ("abc", Some("abc")),
            ("a%2Bb%2b+", Some("a+b++")),
            ("%C3%BC", Some("ü")),
            ("%2541", Some("%41")),
            ("", Some("")),
            ("%", None),
            ("%4", None),
            ("%4g", None),
            ("%+1", None),
            ("%%41", None),
            ("%ff", None),
            ("%C3", None),
        ] {
            assert_eq!(try_percent_decode(text).as_deref(), expected, "{text}");
        }
        assert!(matches!(try_percent_decode("abc"), Some(Cow::Borrowed(_))));
    }

    // RFC 3986, section 2.1: upper-case digits are to be used.
    #[test]
    fn what_is_not_kept_is_escaped_byte_by_byte_in_upper_case() {
        for (text, expected) in [
            ("", ""),
            ("aZ", "aZ"),
            ("a b", "a%20b"),
            ("100%", "100%25"),
            ("\u{7f}\n", "%7F%0A"),
            ("ü€", "%C3%BC%E2%82%AC"),
        ] {
            let mut out = String::new();
            percent_encode(
                text,
                |byte| byte.is_ascii_alphanumeric() || byte > 127,
                &mut out,
            );

            assert_eq!(out, expected, "{text}");
        }
    }
}
