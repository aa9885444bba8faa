use std::fmt;

use crate::http_ext::hex;

/// What a [`Store`](super::Store) makes of a [`Key`](super::Key), with a secret of its own: nobody
/// without the secret finds the key, or another key of the same hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash {
    // Not one number, which would be aligned to 16 bytes.
    high: u64,
    low: u64,
}

impl KeyHash {
    /// The hash with these bits.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the two halves are taken apart"
    )]
    pub const fn from_bits(bits: u128) -> Self {
        Self {
            high: (bits >> u64::BITS) as u64,
            low: bits as u64,
        }
    }

    /// The bits.
    #[must_use]
    pub const fn to_bits(self) -> u128 {
        (self.high as u128) << u64::BITS | self.low as u128
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = hex(self.to_bits());
        f.write_str(str::from_utf8(&digits).unwrap_or_default())
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
