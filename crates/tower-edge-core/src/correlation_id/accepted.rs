use http::HeaderValue;

use super::{CorrelationId, InvalidCorrelationId};

/// The characters that a layer accepts in the id of a request. In each set, an id has 1 to
/// [`MAX_LENGTH`](CorrelationId::MAX_LENGTH) of them.
///
/// ```
/// use http::HeaderValue;
/// use tower_edge_core::AcceptedIds;
///
/// let amazon = HeaderValue::from_static("Root=1-67891233-abcdef012345678912345678;Sampled=1");
///
/// assert!(AcceptedIds::Default.parse(&amazon).is_ok());
/// assert!(AcceptedIds::Strict.parse(&amazon).is_err());
/// ```
///
/// | set | characters | ids of |
/// |---|---|---|
/// | `Strict` | letters, digits, `- . _ ~` | UUID, ULID, KSUID, nginx, Heroku |
/// | `Default` | those, and `! # $ % & ' * + / : ; = @ ^ \| ` and the backtick | also Kong, Apache, .NET, Amazon, Google, chi |
/// | `All` | those, and `( ) ? [ ] { }` | also GUIDs in braces |
///
/// No set has a space, a control character, a double quote, a backslash, a comma or an angle bracket. [`CorrelationId`]
/// says where such an id is safe, and where you have to encode it. Even an id of `Strict` may be `..` or begin with a
/// dash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcceptedIds {
    /// The unreserved characters of a URL
    /// ([RFC 3986, section 2.3](https://www.rfc-editor.org/rfc/rfc3986#section-2.3)).
    Strict,
    /// The characters of a token ([RFC 9110, section 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)) and
    /// `/ : ; = @`.
    #[default]
    Default,
    /// All characters that a [`CorrelationId`] may have.
    All,
}

impl AcceptedIds {
    /// The id in a header's value.
    ///
    /// # Errors
    ///
    /// If the value is empty, too long, or has a byte that is not accepted.
    #[inline]
    pub fn parse(self, value: &HeaderValue) -> Result<CorrelationId, InvalidCorrelationId> {
        self.check(value.as_bytes())?;
        Ok(CorrelationId(value.clone()))
    }

    #[inline]
    pub(super) fn check(self, id: &[u8]) -> Result<(), InvalidCorrelationId> {
        if (1..=CorrelationId::MAX_LENGTH).contains(&id.len()) && self.accepts(id) {
            Ok(())
        } else {
            Err(self.mistake(id))
        }
    }

    #[inline(always)]
    fn accepts(self, bytes: &[u8]) -> bool {
        match self {
            Self::Strict => all(bytes, is_unreserved),
            Self::Default => all(bytes, is_default),
            Self::All => all(bytes, is_harmless),
        }
    }

    #[cold]
    fn mistake(self, id: &[u8]) -> InvalidCorrelationId {
        if id.len() > CorrelationId::MAX_LENGTH {
            return InvalidCorrelationId::TooLong(id.len());
        }
        match id.iter().find(|byte| !self.accepts(&[**byte])) {
            Some(byte) => InvalidCorrelationId::Byte(*byte),
            None => InvalidCorrelationId::Empty,
        }
    }
}

/// Checks sixteen bytes at once, without a branch or a table.
#[inline(always)]
fn all(bytes: &[u8], is_accepted: impl Fn(u8) -> bool) -> bool {
    let (sixteens, rest) = bytes.as_chunks::<16>();
    let all = |bytes: &[u8; 16]| {
        bytes
            .iter()
            .fold(true, |all, byte| all & is_accepted(*byte))
    };
    sixteens.iter().all(all) && rest.iter().all(|byte| is_accepted(*byte))
}

#[inline(always)]
const fn is_unreserved(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') <= b'z' - b'a')
        | (byte.wrapping_sub(b'0') <= 9)
        // The dash and the dot.
        | (byte.wrapping_sub(b'-') <= 1)
        | (byte == b'_')
        | (byte == b'~')
}

#[inline(always)]
const fn is_default(byte: u8) -> bool {
    // The brackets and the braces differ by one bit.
    let bracket = byte & !0x20;
    is_harmless(byte) & (byte & !1 != b'(') & (byte != b'?') & (bracket != b'[') & (bracket != b']')
}

/// Whether the byte is visible, and none of those that [`CorrelationId`] excludes.
#[inline(always)]
const fn is_harmless(byte: u8) -> bool {
    (byte.wrapping_sub(b'!') <= b'~' - b'!')
        & (byte != b'"')
        & (byte != b'\\')
        & (byte != b',')
        & (byte != b'<')
        & (byte != b'>')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETS: [AcceptedIds; 3] = [AcceptedIds::Strict, AcceptedIds::Default, AcceptedIds::All];

    #[test]
    fn each_set_has_the_characters_that_it_lists() {
        let more = [
            b"-._~".as_slice(),
            // RFC 9110, section 5.6.2, and five more.
            b"!#$%&'*+-.^_`|~/:;=@",
            b"!#$%&'*+-.^_`|~/:;=@()?[]{}",
        ];

        for (set, more) in SETS.into_iter().zip(more) {
            for byte in 0..=u8::MAX {
                let listed = byte.is_ascii_alphanumeric() || more.contains(&byte);

                assert_eq!(set.check(&[byte]).is_ok(), listed, "{byte:#x} {set:?}");
            }
        }
    }

    #[test]
    fn the_ids_of_makers_that_exist_are_accepted() {
        for (maker, id, is_strict) in [
            ("UUID", "123e4567-e89b-12d3-a456-426614174000", true),
            ("ULID", "01ARZ3NDEKTSV4RRFFQ69G5FAV", true),
            ("KSUID", "0ujtsYcgvSTl8PAuAdqWYSMnLOv", true),
            (
                "nginx, $request_id",
                "9b2f0c7e4a1d4f7e8a3b5c6d7e8f9a0b",
                true,
            ),
            (
                "Heroku, by default",
                "30f14c6c1fc85cba12bfd093aa8f90e3",
                true,
            ),
            ("Heroku, by a client", "dGVzdCtpZC8xMjM0NTY3ODkwMTI=", false),
            ("a prefix", "req_abc123xyz", true),
            (
                "Kong, uuid#counter",
                "e2ba1b3a-2d3c-4c1b-9d8d-6a8f2b1b1c1d#25",
                false,
            ),
            (
                "Kong, tracker",
                "10.4.0.12-8000-24-1-3-1427432124.012",
                true,
            ),
            ("Apache, mod_unique_id", "ZcX@9n8AAQEAAD4pAFsAAAAH", false),
            (
                ".NET, hierarchical",
                "|4bf92f3577b34da6a3ce929d0e0e4736.00f067aa_1.2.",
                false,
            ),
            (
                "X-Amzn-Trace-Id",
                "Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678;\
                 Parent=53995c3f42cd8ad8;Sampled=1",
                false,
            ),
            (
                "X-Cloud-Trace-Context",
                "105445aa7843bc8bf206b12000100000/1;o=1",
                false,
            ),
            ("chi", "host.example.com/DNhwI5Ppbq-000001", false),
        ] {
            let value = HeaderValue::from_static(id);

            let [strict, default, all] = SETS.map(|set| set.parse(&value).is_ok());

            assert_eq!((strict, default, all), (is_strict, true, true), "{maker}");
        }
        let braces = HeaderValue::from_static("{123e4567-e89b-12d3-a456-426614174000}");
        assert!(AcceptedIds::Default.parse(&braces).is_err());
        assert!(AcceptedIds::All.parse(&braces).is_ok());
    }

    #[test]
    fn what_could_forge_a_log_line_or_two_values_is_in_no_set() {
        for bad in [
            b"a b".as_slice(),
            b"a\tlevel=ERROR",
            b"a\"b",
            b"a\\",
            b"a,b",
            b"<script>",
            b"\xff\xfe",
        ] {
            let value = HeaderValue::from_bytes(bad).unwrap();
            for set in SETS {
                assert!(set.parse(&value).is_err(), "{value:?} {set:?}");
            }
        }
    }

    #[test]
    fn a_bad_byte_is_found_wherever_it_stands() {
        for set in SETS {
            for at in 0..CorrelationId::MAX_LENGTH {
                let mut text = [b'a'; CorrelationId::MAX_LENGTH];
                assert_eq!(set.check(&text), Ok(()));
                text[at] = b'"';

                assert_eq!(set.check(&text), Err(InvalidCorrelationId::Byte(b'"')));
            }
        }
    }

    #[test]
    fn an_id_has_a_byte_and_no_more_than_the_maximum() {
        let check = |length| AcceptedIds::Default.check(&[b'a'; 201][..length]);

        assert_eq!(check(0), Err(InvalidCorrelationId::Empty));
        assert_eq!(check(1), Ok(()));
        assert_eq!(check(200), Ok(()));
        assert_eq!(check(201), Err(InvalidCorrelationId::TooLong(201)));
    }
}
