//! Hexadecimal digits ([RFC 4648, section 8](https://www.rfc-editor.org/rfc/rfc4648#section-8)).

/// The number in 32 hexadecimal digits, in lower case.
///
/// ```
/// use tower_edge_core::http_ext::hex;
///
/// assert_eq!(&hex(255), b"000000000000000000000000000000ff");
/// ```
// Where it is inlined, the compiler undoes the table.
#[inline(never)]
#[must_use]
pub fn hex(number: u128) -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair.copy_from_slice(&hex_lower(byte));
    }
    digits
}

/// The two digits of a byte, in lower case.
#[must_use]
pub fn hex_lower(byte: u8) -> [u8; 2] {
    LOWER[usize::from(byte)]
}

/// The two digits of a byte, in upper case.
pub(super) const fn hex_upper(byte: u8) -> [u8; 2] {
    let [high, low] = [byte >> 4, byte & 0xf];
    [UPPER[high as usize], UPPER[low as usize]]
}

/// The value of a digit in either case; `None` for any other byte.
///
/// ```
/// use tower_edge_core::http_ext::hex_digit;
///
/// assert_eq!([b'7', b'f', b'F', b'g'].map(hex_digit), [Some(7), Some(15), Some(15), None]);
/// ```
#[must_use]
pub const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Ids are written for each request, so their digits come in pairs out of a table.
static LOWER: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = [digits[byte >> 4], digits[byte & 0xf]];
        byte += 1;
    }
    table
};

const UPPER: &[u8; 16] = b"0123456789ABCDEF";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_as_it_was_written_in_either_case() {
        for byte in 0..=u8::MAX {
            for pair in [hex_lower(byte), hex_upper(byte)] {
                let [Some(high), Some(low)] = pair.map(hex_digit) else {
                    panic!("{pair:?}")
                };
                assert_eq!(high << 4 | low, byte);
            }
            assert_eq!(hex_lower(byte), *format!("{byte:02x}").as_bytes());
            assert_eq!(hex_upper(byte), *format!("{byte:02X}").as_bytes());
        }
    }

    #[test]
    fn a_byte_that_is_no_digit_has_no_value() {
        let digits = (0..=u8::MAX).filter(|byte| hex_digit(*byte).is_some());

        assert_eq!(digits.count(), 22);
        for byte in *b"/:@G`g \0\xff" {
            assert_eq!(hex_digit(byte), None, "{byte}");
        }
    }

    #[test]
    fn a_number_has_its_leading_zeros() {
        for number in [0, 1, 0xdead_beef, u128::MAX] {
            assert_eq!(hex(number), *format!("{number:032x}").as_bytes());
        }
    }
}
