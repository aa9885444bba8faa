//! Base64 as gRPC-Web sends it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Decodes a stream of texts in [base64](https://www.rfc-editor.org/rfc/rfc4648#section-4), each of which may be
/// padded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoder {
    group: [u8; GROUP],
    length: usize,
    is_broken: bool,
}

impl Decoder {
    /// Writes the bytes of each group that is whole.
    pub(crate) fn decode(&mut self, text: &[u8], mut write: impl FnMut(&[u8])) {
        for digit in text {
            self.group[self.length] = *digit;
            self.length = (self.length + 1) % GROUP;
            if self.length == 0 {
                let mut bytes = [0; 3];
                match STANDARD.decode_slice(self.group, &mut bytes) {
                    Ok(length) => write(&bytes[..length]),
                    Err(_) => self.is_broken = true,
                }
            }
        }
    }

    /// Whether all data so far is decoded, so that more may follow.
    pub(crate) const fn is_between_groups(&self) -> bool {
        self.length == 0 && !self.is_broken
    }
}

const GROUP: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(chunks: &[&[u8]]) -> (Vec<u8>, bool) {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        for chunk in chunks {
            decoder.decode(chunk, |bytes| out.extend_from_slice(bytes));
        }
        (out, decoder.is_between_groups())
    }

    #[test]
    fn all_bytes_come_back_and_padding_may_stand_between() {
        let all: Vec<u8> = (0..=255).collect();
        let text = STANDARD.encode(&all);

        assert_eq!(
            decoded(&[&text.as_bytes()[..3], &text.as_bytes()[3..]]),
            (all, true)
        );
        assert_eq!(decoded(&[b"Zg==Zm8=Zm9v"]), (b"ffofoo".to_vec(), true));
    }

    #[test]
    fn what_is_cut_or_is_no_base64_is_not_whole() {
        for text in ["Zm9", "Zm9vZ", "Z===", "====", "Zm9\n", "Zm-_", "Z=9v"] {
            assert!(!decoded(&[text.as_bytes()]).1, "{text:?}");
        }
    }
}
