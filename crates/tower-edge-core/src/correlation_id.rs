//! The id of a request: its syntax, and its generator.

mod accepted;

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::HeaderValue;
use serde::{Serialize, Serializer};

pub use self::accepted::AcceptedIds;
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
/// An id has 1 to 200 visible ASCII characters, and none of `"` `\` `,` `<` `>`. So it cannot end a line, a text in
/// double quotes or a member of a list ([RFC 9110, section 5.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.3)).
/// It cannot end a field that a space or a comma ends, and it is no markup.
///
/// It may still have `|`, `;`, `=`, `%` or `..`. Encode it as you encode any text of a client before you put it into a
/// URL, a file name, a shell command or a table. Layers accept fewer characters: see [`AcceptedIds`]. A clone copies no
/// text.
#[doc(alias("request id", "RequestId", "x-request-id"))]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorrelationId(HeaderValue);

impl CorrelationId {
    /// The maximum number of characters of an id.
    pub const MAX_LENGTH: usize = 200;

    /// The id in a header's value, if the value is a valid id.
    #[must_use]
    pub fn parse(value: &HeaderValue) -> Option<Self> {
        AcceptedIds::All.parse(value).ok()
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

    /// The id with this text: a `String`, a `&'static str` or bytes, which are kept without a copy. For any other
    /// `&str`, use [`parse`](str::parse).
    ///
    /// ```
    /// use tower_edge_core::{CorrelationId, InvalidCorrelationId};
    ///
    /// let id = CorrelationId::new(format!("job_{}", 17))?;
    /// assert_eq!(id, "job_17");
    ///
    /// assert_eq!(CorrelationId::new("job 17"), Err(InvalidCorrelationId::Byte(b' ')));
    /// # Ok::<_, InvalidCorrelationId>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is empty, longer than [`MAX_LENGTH`](Self::MAX_LENGTH), or has a character that an id may not
    /// have.
    pub fn new<T>(text: T) -> Result<Self, InvalidCorrelationId>
    where
        T: AsRef<[u8]> + Send + 'static,
    {
        AcceptedIds::All.check(text.as_ref())?;
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
        Self::new(text.to_owned())
    }
}

impl AsRef<str> for CorrelationId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for CorrelationId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for CorrelationId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Serialize for CorrelationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The id that a client sent and that the service did not trust, in the request's extensions.
///
/// Operators find the log line that a client reports by this id. Do not trust it: any client can send the id of another
/// one.
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
#[doc(alias("MakeRequestId"))]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not make correlation ids",
    note = "a prefix has to be checked: `with_generator(Ids::hex().with_prefix(\"req_\")?)`",
    note = "a closure returns a `CorrelationId`, such as `|| CorrelationId::from_u128(Uuid::new_v4().as_u128())`"
)]
pub trait GenerateId {
    /// Makes an id that no machine has made before.
    fn generate(&self) -> CorrelationId;
}

#[diagnostic::do_not_recommend]
impl<F: Fn() -> CorrelationId> GenerateId for F {
    fn generate(&self) -> CorrelationId {
        self()
    }
}

/// A text is not a valid or an accepted [`CorrelationId`].
///
/// The error does not repeat the text, which may be long and hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidCorrelationId {
    /// The text has this byte, the first that is not accepted.
    Byte(u8),
    /// The text is empty.
    Empty,
    /// The header field occurs more than once.
    Repeated,
    /// The text is too long: it has this many bytes.
    TooLong(usize),
}

impl fmt::Display for InvalidCorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(byte) => write!(
                f,
                "invalid byte 0x{byte:02x} in a correlation id: expected letters, digits, `-`, `.`, `_`, or others that \
                 `AcceptedIds` lists"
            ),
            Self::Empty => write!(f, "empty correlation id: expected 1 to {MAX} characters"),
            Self::Repeated => f.write_str("repeated correlation id: expected one field"),
            Self::TooLong(length) => write!(
                f,
                "correlation id of {length} bytes: expected 1 to {MAX} characters"
            ),
        }
    }
}

impl Error for InvalidCorrelationId {}

const MAX: usize = CorrelationId::MAX_LENGTH;

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_error_names_the_mistake_and_does_not_repeat_the_text() {
        let error = |text: &str| text.parse::<CorrelationId>().unwrap_err().to_string();

        assert_eq!(
            error(""),
            "empty correlation id: expected 1 to 200 characters"
        );
        assert_eq!(
            error("evil\n"),
            "invalid byte 0x0a in a correlation id: expected letters, digits, `-`, `.`, `_`, or others that \
             `AcceptedIds` lists"
        );
        assert_eq!(
            error(&"a".repeat(201)),
            "correlation id of 201 bytes: expected 1 to 200 characters"
        );
    }

    #[test]
    fn an_id_is_compared_and_serialized_as_its_text() {
        let id = CorrelationId::new("req_1").unwrap();

        assert_eq!(id, "req_1");
        assert_eq!(id, *"req_1");
        assert_ne!(id, "req_2");
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""req_1""#);
    }
}
