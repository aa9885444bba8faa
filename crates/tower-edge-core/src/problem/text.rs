//! Cuts what somebody else has written.

use std::borrow::Cow;

/// The text, cut to this many bytes at a character.
pub(super) fn cut(text: Cow<'static, str>, max: usize) -> Cow<'static, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(truncate(text, max)),
        Cow::Owned(mut text) => {
            text.truncate(truncate(&text, max).len());
            Cow::Owned(text)
        }
    }
}

/// The first bytes of a text that somebody else has written, up to the last whole character among so many:
/// for logs, which nobody may flood.
///
/// ```
/// use tower_edge_core::problem::truncate;
///
/// assert_eq!(truncate("GET", 32), "GET");
/// assert_eq!(truncate("naïve", 3), "na");
/// ```
#[must_use]
pub fn truncate(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    // `str::floor_char_boundary` of Rust 1.91 does as much.
    (0..=max)
        .rev()
        .find_map(|end| text.get(..end))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_a_character() {
        for (max, left) in [(0, ""), (1, "a"), (2, "a"), (3, "aü"), (9, "aü")] {
            assert_eq!(cut("aü".into(), max), left);
            assert_eq!(cut(String::from("aü").into(), max), left);
        }
    }
}
