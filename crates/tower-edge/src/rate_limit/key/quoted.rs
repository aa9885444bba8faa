//! Quoted strings ([RFC 9110, section 5.6.4](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4)),
//! read from the right.

/// What stands before the last separator, and what after it; a separator in quotes is none.
///
/// From the right, since each proxy adds its element there: a quote that a client has left open must
/// not swallow what proxies have written after it.
pub(super) fn split_last(text: &[u8], separator: u8) -> (Option<&[u8]>, &[u8]) {
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
pub(super) fn unquoted<T>(text: &[u8], read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
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
