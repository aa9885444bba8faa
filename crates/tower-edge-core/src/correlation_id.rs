//! The id of a request: its syntax, its generator, and how code far from the request reads it.

mod scope;

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::HeaderValue;

pub use self::scope::RequestScope;
use crate::http_ext::hex;

/// The id that ties a request, its response, its logs and its calls upstream together.
///
/// ```
/// use http::HeaderValue;
/// use tower_edge_core::CorrelationId;
///
/// let id = CorrelationId::parse(&HeaderValue::from_static("req_abc123xyz"));
/// assert_eq!(id.as_ref().map(CorrelationId::as_str), Some("req_abc123xyz"));
///
/// let forged = HeaderValue::from_static("a\tlevel=ERROR");
/// assert_eq!(CorrelationId::parse(&forged), None);
/// ```
///
/// It has 1 to 128 characters of `A-Z a-z 0-9 - _ . + / = :`, so that it is harmless in headers, JSON, log lines and
/// shells. A clone copies no text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorrelationId(HeaderValue);

impl CorrelationId {
    /// The maximum number of characters of an id.
    pub const MAX_LENGTH: usize = 128;

    /// Whether an id may have this byte: one of `A-Z a-z 0-9 - _ . + / = :`.
    #[must_use]
    pub const fn may_have(byte: u8) -> bool {
        // From `-` to `:` stand the dash, the dot, the slash, the digits and the colon. Without a branch or a table,
        // sixteen bytes are checked at once.
        (byte.wrapping_sub(b'-') <= b':' - b'-')
            | ((byte | 0x20).wrapping_sub(b'a') <= b'z' - b'a')
            | (byte == b'+')
            | (byte == b'=')
            | (byte == b'_')
    }

    /// The id in a header's value, if the value is a valid id.
    #[must_use]
    pub fn parse(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        // Checks sixteen bytes at once.
        let (sixteens, rest) = bytes.as_chunks::<16>();
        let all = |bytes: &[u8; 16]| {
            bytes
                .iter()
                .fold(true, |all, byte| all & Self::may_have(*byte))
        };
        let valid = (1..=Self::MAX_LENGTH).contains(&bytes.len())
            && sixteens.iter().all(all)
            && rest.iter().all(|byte| Self::may_have(*byte));
        valid.then(|| Self(value.clone()))
    }

    /// The id that has this number in 32 hexadecimal digits.
    ///
    /// ```
    /// use tower_edge_core::CorrelationId;
    ///
    /// assert_eq!(CorrelationId::from_u128(255).as_str(), "000000000000000000000000000000ff");
    /// ```
    #[must_use]
    pub fn from_u128(number: u128) -> Self {
        let digits = hex(number);
        let value = HeaderValue::from_maybe_shared(Bytes::from_owner(digits));
        // Hexadecimal digits are always a valid header value.
        Self(value.unwrap_or(HeaderValue::from_static("0")))
    }

    /// The id with this text. It keeps the text, which is copied at most once.
    ///
    /// ```
    /// use tower_edge_core::{CorrelationId, InvalidCorrelationId};
    ///
    /// let id = CorrelationId::from_owner("job_17").unwrap();
    /// assert_eq!(id.as_str(), "job_17");
    ///
    /// assert_eq!(CorrelationId::from_owner("job 17"), Err(InvalidCorrelationId::Byte(b' ')));
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is empty, longer than [`MAX_LENGTH`](Self::MAX_LENGTH), or has a character that an id may not
    /// have.
    pub fn from_owner<T>(text: T) -> Result<Self, InvalidCorrelationId>
    where
        T: AsRef<[u8]> + Send + 'static,
    {
        let bytes = text.as_ref();
        if bytes.is_empty() {
            return Err(InvalidCorrelationId::Empty);
        }
        if bytes.len() > Self::MAX_LENGTH {
            return Err(InvalidCorrelationId::TooLong(bytes.len()));
        }
        if let Some(bad) = bytes.iter().find(|byte| !Self::may_have(**byte)) {
            return Err(InvalidCorrelationId::Byte(*bad));
        }
        let value = HeaderValue::from_maybe_shared(Bytes::from_owner(text));
        // Every byte that an id may have is valid in a header.
        value.map(Self).map_err(|_| InvalidCorrelationId::Empty)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII passes the check.
        self.0.to_str().unwrap_or_default()
    }

    /// The id as the value of a header.
    #[must_use]
    pub const fn header_value(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CorrelationId {
    type Err = InvalidCorrelationId;

    fn from_str(text: &str) -> Result<Self, InvalidCorrelationId> {
        Self::from_owner(text.to_owned())
    }
}

/// The id that a client sent and that the service did not trust, in the request's extensions.
///
/// It is for logs, so that an operator can find a client's report. Any client can send the id of another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientCorrelationId(pub CorrelationId);

/// Makes an id for a request that has none.
///
/// A closure implements it:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use tower_edge_core::{CorrelationId, GenerateId};
///
/// let count = AtomicU64::new(1);
/// let counted = move || CorrelationId::from_u128(count.fetch_add(1, Ordering::Relaxed).into());
///
/// assert_eq!(counted.generate().as_str(), "00000000000000000000000000000001");
/// assert_eq!(counted.generate().as_str(), "00000000000000000000000000000002");
/// ```
pub trait GenerateId {
    /// Makes an id that no machine has made before.
    fn generate(&self) -> CorrelationId;
}

impl<F: Fn() -> CorrelationId> GenerateId for F {
    fn generate(&self) -> CorrelationId {
        self()
    }
}

/// A text is not a valid [`CorrelationId`].
///
/// It does not repeat the text, which may be long and hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCorrelationId {
    /// It has this byte, the first that an id may not have.
    Byte(u8),
    /// It is empty.
    Empty,
    /// It is too long: it has this many bytes.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_ids_that_others_make() {
        for id in [
            "req_abc123xyz",
            "9b2f0c7e4a1d4f7e8a3b5c6d7e8f9a0b",
            "123e4567-e89b-12d3-a456-426614174000",
            "Root=1-67891233-abcdef012345678912345678",
            "host/rand10-000001",
        ] {
            assert!(
                CorrelationId::parse(&HeaderValue::from_static(id)).is_some(),
                "{id}"
            );
        }
    }

    #[test]
    fn refuses_what_could_forge_a_log_line_or_flood_it() {
        let long = "a".repeat(129);
        for bad in [
            b"".as_slice(),
            b"a b",
            b"a\tb",
            b"a\"b",
            b"\xff\xfe",
            b"a;b",
            b"a,b",
            long.as_bytes(),
        ] {
            let value = HeaderValue::from_bytes(bad).unwrap();

            assert_eq!(CorrelationId::parse(&value), None, "{value:?}");
        }
    }

    #[test]
    fn takes_the_longest_id() {
        let longest = HeaderValue::from_str(&"a".repeat(128)).unwrap();

        assert!(CorrelationId::parse(&longest).is_some());
    }

    #[test]
    fn an_id_may_have_letters_digits_and_seven_signs() {
        for byte in 0..=u8::MAX {
            let listed = byte.is_ascii_alphanumeric() || b"-_.+/=:".contains(&byte);

            assert_eq!(CorrelationId::may_have(byte), listed, "{byte:#x}");
        }
    }

    #[test]
    fn a_number_is_written_as_the_standard_library_does() {
        for number in [
            0,
            255,
            0x0123_4567_89ab_cdef_fedc_ba98_7654_3210,
            u128::MAX,
            1 << 127,
        ] {
            assert_eq!(
                CorrelationId::from_u128(number).as_str(),
                format!("{number:032x}")
            );
        }
    }

    #[test]
    fn a_bad_byte_is_found_wherever_it_stands() {
        for at in 0..CorrelationId::MAX_LENGTH {
            let mut text = vec![b'a'; CorrelationId::MAX_LENGTH];
            text[at] = b'"';
            let value = HeaderValue::from_bytes(&text).unwrap();

            assert_eq!(CorrelationId::parse(&value), None, "{at}");
        }
    }

    #[test]
    fn an_error_says_what_is_valid_and_does_not_repeat_the_text() {
        let error = |text: &str| text.parse::<CorrelationId>().unwrap_err().to_string();

        assert_eq!(error(""), "the correlation id is empty");
        assert_eq!(
            error("evil\n"),
            "the correlation id has the byte 0x0a; valid are A-Z a-z 0-9 - _ . + / = :"
        );
        assert_eq!(
            error(&"a".repeat(129)),
            "the correlation id has 129 bytes; valid are 1 to 128"
        );
    }
}
