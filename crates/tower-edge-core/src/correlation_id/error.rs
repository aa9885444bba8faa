use std::error::Error;
use std::fmt;

use super::CorrelationId;

/// A text is no [`CorrelationId`].
///
/// It does not repeat the text, which may be long and hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCorrelationId {
    /// It has this byte, the first of those that an id may not have.
    Byte(u8),
    /// It is empty.
    Empty,
    /// It has this many bytes, which are too many.
    TooLong(usize),
}

impl fmt::Display for InvalidCorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(byte) => write!(
                f,
                "the correlation id has the byte 0x{byte:02x}; valid are A-Z a-z 0-9 - _ . + / = :"
            ),
            Self::Empty => f.write_str("the correlation id is empty"),
            Self::TooLong(length) => write!(
                f,
                "the correlation id has {length} bytes; valid are 1 to {}",
                CorrelationId::MAX_LENGTH
            ),
        }
    }
}

impl Error for InvalidCorrelationId {}
