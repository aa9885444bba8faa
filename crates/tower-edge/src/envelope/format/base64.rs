//! [Base64](https://www.rfc-editor.org/rfc/rfc4648#section-4), to write and no more.

/// Encodes with padding, as a body in base64 has it.
pub(super) fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut out = unpadded(bytes);
    out.resize(out.len().next_multiple_of(4), b'=');
    out
}

/// Encodes without padding, as a value in JSON may.
pub(super) fn unpadded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut bits = [0; 3];
        bits[..group.len()].copy_from_slice(group);
        let [a, b, c] = bits;
        let sextets = [a >> 2, a << 4 | b >> 4, b << 2 | c >> 6, c];
        let digits = sextets.map(|sextet| ALPHABET[usize::from(sextet & 0x3F)]);
        out.extend_from_slice(&digits[..=group.len()]);
    }
    out
}

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
}
