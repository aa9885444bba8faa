//! Takes comments and literals out of Rust source, and leaves every line where it was.

/// The text with spaces in place of its comments, strings and characters; line ends stay.
///
/// Lengths in bytes may change, numbers of lines do not.
pub(super) fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = comment(rest).or_else(|| literal(rest)).unwrap_or(0);
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            let (gone, kept) = rest.split_at(length);
            code.extend(gone.chars().map(|c| if c == '\n' { c } else { ' ' }));
            rest = kept;
        }
    }
    code
}

/// How many bytes the comment takes with which the text begins, if it does.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        return None;
    }

    // Block comments nest.
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        let here = &text[at..];
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            match here.chars().next() {
                Some(c) => at += c.len_utf8(),
                None => return Some(at),
            }
        }
    }
}

/// How many bytes the string or character takes with which the text begins, if it does. The `b` or `c` in front of one
/// is no part of it.
fn literal(text: &str) -> Option<usize> {
    if let Some(body) = text.strip_prefix('"') {
        return Some(1 + closed_by('"', body));
    }
    if let Some(body) = text.strip_prefix('\'') {
        let mut chars = body.chars();
        let first = chars.next()?;
        // Anything else that begins with a quote is a lifetime or a label.
        let is_char = first == '\\' || chars.next() == Some('\'');
        return is_char.then(|| 1 + closed_by('\'', body));
    }

    let hashes_on = text.strip_prefix('r')?;
    let body = hashes_on.trim_start_matches('#');
    let hashes = &hashes_on[..hashes_on.len() - body.len()];
    let body = body.strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let opening = text.len() - body.len();
    Some(opening + body.find(&end).map_or(body.len(), |at| at + end.len()))
}

/// How many bytes there are up to the end of the first such quote that no backslash escapes.
fn closed_by(quote: char, body: &str) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of the text, without its spaces.
    fn left(text: &str) -> String {
        blank(text).replace(' ', "")
    }

    #[test]
    fn blanks_comments_up_to_their_end() {
        assert_eq!(left("a // b\nc"), "a\nc");
        assert_eq!(left("a /* b /* c */ d */ e"), "ae");
        assert_eq!(left("a /* never closed"), "a");
    }

    #[test]
    fn blanks_strings_with_what_they_escape() {
        assert_eq!(left(r#"a("b \" c", d)"#), "a(,d)");
        assert_eq!(left(r#"a("\\") // b"#), "a()");
    }

    #[test]
    fn blanks_raw_strings_up_to_their_own_end() {
        assert_eq!(left(r###"a(r#"b " c"#, r"\", br##"d"# e"##)"###), "a(,,b)");
    }

    #[test]
    fn tells_characters_from_lifetimes() {
        assert_eq!(left(r"a('b', '\'', '\u{e9}', 'é') + 'c'"), "a(,,,)+");
        assert_eq!(
            left("fn a<'b>(c: &'b str) -> &'b str"),
            "fna<'b>(c:&'bstr)->&'bstr"
        );
    }

    #[test]
    fn keeps_raw_identifiers_and_every_line() {
        assert_eq!(left("r#type"), "r#type");
        assert_eq!(blank("/* a\nb */ c \"\nd\" e\n").lines().count(), 3);
    }
}
