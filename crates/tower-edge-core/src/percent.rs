//! Percent-encoding ([RFC 3986, section 2.1](https://www.rfc-editor.org/rfc/rfc3986#section-2.1)).

use std::iter;

/// The bytes that the text stands for: `%` and two hexadecimal digits are that byte, and a `%` without
/// them is itself ([URL, percent-decode](https://url.spec.whatwg.org/#percent-decode)).
///
/// ```
/// use tower_edge_core::percent;
///
/// let bytes: Vec<u8> = percent::decoded(b"100%/a%2Fb%252F").collect();
///
/// assert_eq!(bytes, b"100%/a/b%2F");
/// ```
pub fn decoded(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = text;
    iter::from_fn(move || {
        let (&first, left) = rest.split_first()?;
        let (byte, left) = match (first, left) {
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => (b'%', left),
            },
            _ => (first, left),
        };
        rest = left;
        Some(byte)
    })
}

fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
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
            let bytes: Vec<_> = decoded(text.as_bytes()).collect();
            assert_eq!(bytes, expected.as_bytes(), "{text}");
        }
    }
}
