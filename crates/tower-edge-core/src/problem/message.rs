//! Texts from outside, with a maximum length. A message is built without allocation, and a long text is truncated.

use std::borrow::Cow;
use std::fmt;

/// The first `max` bytes of a text, up to the last whole character.
///
/// ```
/// use tower_edge_core::problem::truncate;
///
/// assert_eq!(truncate("GET", 32), "GET");
/// assert_eq!(truncate("naïve", 3), "na");
/// ```
///
/// It is for texts from outside in logs, so that no client can flood them.
#[must_use]
pub fn truncate(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    // `str::floor_char_boundary` of Rust 1.91 does the same.
    (0..=max)
        .rev()
        .find_map(|end| text.get(..end))
        .unwrap_or_default()
}

/// The text, truncated in place.
pub(super) fn truncated(text: Cow<'static, str>, max: usize) -> Cow<'static, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(truncate(text, max)),
        Cow::Owned(mut text) => {
            text.truncate(truncate(&text, max).len());
            Cow::Owned(text)
        }
    }
}

/// A message about a short text that a client has sent, the subject. One buffer holds both in place, so that a
/// rejection allocates for neither.
#[derive(Clone, Copy, PartialEq, Eq)]
// UTF-8 validation reads whole words.
#[repr(C, align(8))]
pub(super) struct Message {
    bytes: [u8; MAX],
    subject: (u8, u8),
    end: u8,
}

impl Message {
    /// The maximum number of bytes of the subject.
    pub(super) const MAX_SUBJECT: usize = 64;

    /// The three parts in a row. What does not fit is truncated.
    pub(super) fn new(before: &'static str, subject: &str, after: &'static str) -> Self {
        let mut message = Self {
            bytes: [0; MAX],
            subject: (0, 0),
            end: 0,
        };
        message.push(before);
        let start = message.end;
        message.push(truncate(subject, Self::MAX_SUBJECT));
        message.subject = (start, message.end);
        message.push(after);
        message
    }

    pub(super) fn subject(&self) -> &str {
        let (start, end) = self.subject;
        self.part(start, end)
    }

    pub(super) fn text(&self) -> &str {
        self.part(0, self.end)
    }

    fn part(&self, start: u8, end: u8) -> &str {
        let bytes = self.bytes.get(start.into()..end.into()).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }

    fn push(&mut self, text: &str) {
        let start = usize::from(self.end);
        let text = truncate(text, MAX - start);
        if let Some(place) = self.bytes.get_mut(start..start + text.len()) {
            place.copy_from_slice(text.as_bytes());
            self.end = u8::try_from(start + text.len()).unwrap_or(self.end);
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

/// Room for the longest subject, and for the words around it.
const MAX: usize = Message::MAX_SUBJECT + 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_its_subject_in_the_middle() {
        let message = Message::new("A ", "b", " c");

        assert_eq!((message.text(), message.subject()), ("A b c", "b"));
    }

    #[test]
    fn a_long_subject_is_truncated_at_a_character() {
        let message = Message::new("A ", &"ü".repeat(99), " c");

        assert_eq!(message.subject(), "ü".repeat(32));
        assert_eq!(message.text(), format!("A {} c", "ü".repeat(32)));
        assert_eq!(Message::new("", &"a".repeat(65), "").subject().len(), 64);
    }

    #[test]
    fn a_text_is_truncated_at_a_character() {
        for (max, left) in [(0, ""), (1, "a"), (2, "a"), (3, "aü"), (9, "aü")] {
            assert_eq!(truncate("aü", max), left);
            assert_eq!(truncated("aü".into(), max), left);
            assert_eq!(truncated(String::from("aü").into(), max), left);
        }
    }
}
