use http::{HeaderMap, HeaderName, HeaderValue};

/// Writes the lines of a field as one, without those that are empty, since many a reader takes the first
/// line for the whole.
pub(super) fn join(headers: &mut HeaderMap, name: &HeaderName, separator: &[u8]) {
    let mut values = headers.get_all(name).iter();
    if values.by_ref().take(2).count() < 2 {
        return;
    }
    let lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    if let Ok(line) = HeaderValue::try_from(lines.join(separator)) {
        headers.insert(name, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_become_one_and_one_stays() {
        let name = HeaderName::from_static("cookie");
        for (lines, expected) in [
            (&[][..], &[][..]),
            (&["a=1"], &["a=1"]),
            (&["a=1", "b=2", "c=3"], &["a=1; b=2; c=3"]),
            (&["", "a=1", ""], &["a=1"]),
            (&["", ""], &[""]),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(&name, HeaderValue::from_static(line));
            }

            join(&mut headers, &name, b"; ");

            let joined: Vec<_> = headers.get_all(&name).iter().collect();
            assert_eq!(joined, expected);
        }
    }
}
