//! [Base64](https://www.rfc-editor.org/rfc/rfc4648#section-4).

/// Encodes with padding, as a body in base64 has it.
pub(in crate::envelope) fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut out = unpadded(bytes);
    out.resize(out.len().next_multiple_of(4), b'=');
    out
}

/// Encodes without padding, as a value in JSON may.
pub(super) fn unpadded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    let (groups, rest) = bytes.as_chunks();
    for group in groups {
        out.extend_from_slice(&digits_of(*group));
    }
    if !rest.is_empty() {
        let mut group = [0; 3];
        group[..rest.len()].copy_from_slice(rest);
        out.extend_from_slice(&digits_of(group)[..=rest.len()]);
    }
    out
}

fn digits_of([a, b, c]: [u8; 3]) -> [u8; GROUP] {
    let sextets = [a >> 2, a << 4 | b >> 4, b << 2 | c >> 6, c];
    sextets.map(|sextet| ALPHABET[usize::from(sextet & 0x3F)])
}

/// Decodes a stream of texts, each of which may be padded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::envelope) struct Decoder {
    group: [u8; GROUP],
    length: usize,
    is_broken: bool,
}

impl Decoder {
    /// Tells the bytes of each group that is whole.
    pub(in crate::envelope) fn decode(&mut self, text: &[u8], mut tell: impl FnMut(&[u8])) {
        for digit in text {
            self.group[self.length] = *digit;
            self.length = (self.length + 1) % GROUP;
            if self.length == 0 {
                match bytes_of(self.group) {
                    Some((bytes, length)) => tell(&bytes[..length]),
                    None => self.is_broken = true,
                }
            }
        }
    }

    /// Whether all that came is decoded, so that more may follow.
    pub(in crate::envelope) const fn is_between_groups(&self) -> bool {
        self.length == 0 && !self.is_broken
    }
}

/// Three bytes, of which padding leaves one or two.
fn bytes_of(group: [u8; GROUP]) -> Option<([u8; 3], usize)> {
    let length = match group {
        [_, _, b'=', b'='] => 1,
        [_, _, _, b'='] => 2,
        _ => 3,
    };
    let mut sextets = [0; GROUP];
    for (sextet, digit) in sextets.iter_mut().zip(&group[..=length]) {
        *sextet = sextet_of(*digit)?;
    }
    let [a, b, c, d] = sextets;
    Some(([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d], length))
}

const fn sextet_of(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

const GROUP: usize = 4;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4648, section 10: the test vectors.
    #[test]
    fn the_vectors_of_the_standard_come_out() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(padded(plain.as_bytes()), encoded.as_bytes());
            assert_eq!(
                unpadded(plain.as_bytes()),
                encoded.trim_end_matches('=').as_bytes()
            );
        }
        assert_eq!(padded(&[0xFB, 0xFF, 0xFE]), b"+//+");
    }

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
        let text = padded(&all);

        assert_eq!(decoded(&[&text[..3], &text[3..]]), (all, true));
        assert_eq!(decoded(&[b"Zg==Zm8=Zm9v"]), (b"ffofoo".to_vec(), true));
    }

    #[test]
    fn what_is_cut_or_is_no_base64_is_not_whole() {
        for text in ["Zm9", "Zm9vZ", "Z===", "====", "Zm9\n", "Zm-_", "Z=9v"] {
            assert!(!decoded(&[text.as_bytes()]).1, "{text:?}");
        }
    }
}
