/// [FNV-1a](https://www.rfc-editor.org/rfc/rfc9923#section-2) of 64 bits: the same number in every process and
/// version.
///
/// ```
/// use tower_edge_core::http_ext::fnv_1a;
///
/// assert_eq!(fnv_1a(b"a"), 0xaf63_dc4c_8601_ec8c);
/// ```
///
/// The hash is not secret: a client that chooses the bytes chooses the hash. Do not use it for tables with keys of
/// clients.
#[must_use]
pub const fn fnv_1a(bytes: &[u8]) -> u64 {
    let mut hash = OFFSET_BASIS;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(PRIME);
        at += 1;
    }
    hash
}

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9923, appendix C: the test vectors.
    #[test]
    fn the_vectors_of_the_standard_come_out() {
        for (text, hash) in [
            (&b""[..], 0xcbf2_9ce4_8422_2325),
            (b"a", 0xaf63_dc4c_8601_ec8c),
            (b"foobar", 0x8594_4171_f739_67e8),
        ] {
            assert_eq!(fnv_1a(text), hash, "{text:?}");
        }
    }
}
