use std::fmt;

use super::text;

/// A sentence about something short that a client has sent, and that something: one text for both, in
/// place, so that a refusal allocates for neither.
#[derive(Clone, Copy, PartialEq, Eq)]
// By words, as the check that text is text goes.
#[repr(C, align(8))]
pub(super) struct Sentence {
    bytes: [u8; MAX],
    subject: (u8, u8),
    end: u8,
}

impl Sentence {
    /// The most bytes of the subject that are kept.
    pub(super) const MAX_SUBJECT: usize = 64;

    /// The three parts in a row; what does not fit is cut.
    pub(super) fn new(before: &'static str, subject: &str, after: &'static str) -> Self {
        let mut sentence = Self {
            bytes: [0; MAX],
            subject: (0, 0),
            end: 0,
        };
        sentence.push(before);
        let start = sentence.end;
        sentence.push(text::truncate(subject, Self::MAX_SUBJECT));
        sentence.subject = (start, sentence.end);
        sentence.push(after);
        sentence
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
        let text = text::truncate(text, MAX - start);
        if let Some(place) = self.bytes.get_mut(start..start + text.len()) {
            place.copy_from_slice(text.as_bytes());
            self.end = u8::try_from(start + text.len()).unwrap_or(self.end);
        }
    }
}

impl fmt::Debug for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

/// Room for the longest subject, and for the words around it.
const MAX: usize = Sentence::MAX_SUBJECT + 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_its_subject_in_the_middle() {
        let sentence = Sentence::new("A ", "b", " c");

        assert_eq!((sentence.text(), sentence.subject()), ("A b c", "b"));
    }

    #[test]
    fn a_long_subject_is_cut_at_a_character() {
        let sentence = Sentence::new("A ", &"ü".repeat(99), " c");

        assert_eq!(sentence.subject(), "ü".repeat(32));
        assert_eq!(sentence.text(), format!("A {} c", "ü".repeat(32)));
        assert_eq!(Sentence::new("", &"a".repeat(65), "").subject().len(), 64);
    }
}
