/// Whether a text is a token, such as the name of a field or a product
/// ([RFC 9110, section 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)).
///
/// ```
/// use tower_edge_core::http_ext::is_token;
///
/// assert!(is_token("1.2.0+build"));
/// assert!(!is_token("1.2.0;"));
/// assert!(!is_token(""));
/// ```
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_char)
}

/// Whether a byte is a `tchar`, of which tokens are made
/// ([RFC 9110, section 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)).
#[must_use]
pub fn is_token_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9110, section 5.6.2: any visible ASCII character that is not a delimiter.
    #[test]
    fn a_token_has_no_delimiters() {
        for byte in 0..=u8::MAX {
            let is_delimiter = br#""(),/:;<=>?@[\]{}"#.contains(&byte);

            assert_eq!(
                is_token_char(byte),
                byte.is_ascii_graphic() && !is_delimiter,
                "{byte}"
            );
        }
    }
}
