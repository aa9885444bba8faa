use tower_edge_core::CorrelationId;
use tower_edge_core::http_ext::hex;

/// The text of an id while it is written, where it costs no allocation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    bytes: [u8; CorrelationId::MAX_LENGTH],
    length: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; CorrelationId::MAX_LENGTH],
            length: 0,
        }
    }

    /// Writes as much of it as there is room for.
    pub(super) fn push(&mut self, text: &[u8]) {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let written = text.len().min(room.len());
        room[..written].copy_from_slice(&text[..written]);
        self.length += written;
    }

    /// In 32 hexadecimal digits.
    pub(super) fn push_hex(&mut self, number: u128) {
        self.push(&hex(number));
    }

    /// In 36 characters, as UUIDs are written
    /// ([RFC 9562, section 4](https://www.rfc-editor.org/rfc/rfc9562#section-4)).
    pub(super) fn push_uuid(&mut self, number: u128) {
        let digits = hex(number);
        let mut text = [b'-'; 36];
        for (from, to) in [
            (0..8, 0),
            (8..12, 9),
            (12..16, 14),
            (16..20, 19),
            (20..32, 24),
        ] {
            let group = &digits[from];
            text[to..to + group.len()].copy_from_slice(group);
        }
        self.push(&text);
    }

    /// In 26 characters, as ULIDs are written
    /// ([Crockford's base 32](https://github.com/ulid/spec#encoding)).
    pub(super) fn push_ulid(&mut self, number: u128) {
        let mut text = [0; 26];
        let mut rest = number;
        for character in text.iter_mut().rev() {
            *character = digit(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", rest);
            rest >>= 5;
        }
        self.push(&text);
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The digit of the lowest bits, in an alphabet whose length is a power of two.
fn digit<const BASE: usize>(alphabet: &[u8; BASE], number: u128) -> u8 {
    let low = number & (BASE as u128 - 1);
    usize::try_from(low)
        .ok()
        .and_then(|low| alphabet.get(low))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut text = Text::new();

        text.push(&[b'a'; 200]);
        text.push(b"b");

        assert_eq!(text.as_ref(), [b'a'; CorrelationId::MAX_LENGTH]);
    }
}
