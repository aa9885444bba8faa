//! `application/x-www-form-urlencoded`, the language of queries.

use crate::http_ext::percent_decode;

/// The bytes that the text stands for: `+` is a space, and the rest is percent-encoded
/// ([URL, urlencoded parsing](https://url.spec.whatwg.org/#urlencoded-parsing)).
pub(super) fn decoded(text: &[u8]) -> impl Iterator<Item = u8> {
    let pieces = text.split(|byte| *byte == b'+').enumerate();
    pieces.flat_map(|(at, piece)| {
        let space = (at > 0).then_some(b' ');
        space.into_iter().chain(percent_decode(piece))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // URL, urlencoded parsing.
    #[test]
    fn a_plus_sign_is_a_space_and_one_that_is_encoded_is_itself() {
        for (text, expected) in [
            ("abc", "abc"),
            ("a+b%2Bc%2bd", "a b+c+d"),
            ("++a+", "  a "),
            ("%+41%4+1", "% 41%4 1"),
            ("%2541", "%41"),
            ("", ""),
        ] {
            let bytes: Vec<_> = decoded(text.as_bytes()).collect();
            assert_eq!(bytes, expected.as_bytes(), "{text}");
        }
    }
}
