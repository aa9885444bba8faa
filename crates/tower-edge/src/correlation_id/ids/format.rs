use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::Instant;

use tower_edge_core::{CorrelationId, GenerateId, InvalidCorrelationId};

use super::random::{Draw, bits_at, draw};
use super::text::Text;

/// What an id looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdFormat {
    /// 128 random bits in 32 hexadecimal digits; without a prefix also a valid trace id.
    #[default]
    Hex,
    /// A random UUID, 122 bits of it random
    /// ([RFC 9562, section 5.4](https://www.rfc-editor.org/rfc/rfc9562#section-5.4)).
    UuidV4,
    /// A UUID that sorts by time, in steps of a quarter of a microsecond; 62 bits are random
    /// ([RFC 9562, section 5.7](https://www.rfc-editor.org/rfc/rfc9562#section-5.7)).
    UuidV7,
    /// A [ULID](https://github.com/ulid/spec), which sorts by time in milliseconds; 80 bits are random.
    Ulid,
}

/// Makes ids of one format, without a system call and with one allocation each.
///
/// Each thread draws from a generator of its own, which is seeded once from the system's randomness;
/// the time, in nanoseconds, is mixed into it at every id. A process that was forked or restored from
/// a snapshot goes on with a copy of the generator: its ids are others from the first of them on that
/// is made in another nanosecond than its like in the other process, as then the generators have
/// parted. Linux reads the clock without a system call where its clock source allows it, as it does on
/// bare metal and common hypervisors.
///
/// The ids are not secrets. Whoever has seen some may guess more, so that they are no proof of
/// anything.
///
/// ```
/// use tower_edge::correlation_id::{GenerateId, IdFormat, Ids};
///
/// let ids = Ids::new(IdFormat::UuidV7).with_prefix("req_")?;
///
/// assert_eq!(ids.generate().as_str().len(), "req_".len() + 36);
/// # Ok::<_, tower_edge::correlation_id::InvalidPrefix>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ids {
    format: IdFormat,
    prefix: Cow<'static, str>,
}

impl Ids {
    /// The most characters that a prefix may have.
    pub const MAX_PREFIX: usize = CorrelationId::MAX_LENGTH - 36;

    /// Ids of this format, without a prefix.
    #[must_use]
    pub const fn new(format: IdFormat) -> Self {
        Self {
            format,
            prefix: Cow::Borrowed(""),
        }
    }

    /// Puts this before each id, such as `req_`.
    ///
    /// # Errors
    ///
    /// If it is empty, longer than [`MAX_PREFIX`](Self::MAX_PREFIX), or has characters that an id may
    /// not have.
    pub fn with_prefix(self, prefix: impl Into<Cow<'static, str>>) -> Result<Self, InvalidPrefix> {
        let prefix = prefix.into();
        let cause = match prefix.parse::<CorrelationId>() {
            Ok(_) if prefix.len() <= Self::MAX_PREFIX => return Ok(Self { prefix, ..self }),
            Ok(_) => InvalidCorrelationId::TooLong(prefix.len() + 36),
            Err(cause) => cause,
        };
        let prefix = prefix.into_owned();
        Err(InvalidPrefix { prefix, cause })
    }

    /// An id of the default format, which is written as it is drawn.
    pub(in crate::correlation_id) fn hex_at(now: Instant) -> CorrelationId {
        // A trace id is not zero.
        CorrelationId::from_u128(bits_at(now).max(1))
    }

    fn hex() -> CorrelationId {
        CorrelationId::from_u128(draw().bits.max(1))
    }

    fn write(&self, draw: Draw) -> Text {
        let mut text = Text::new();
        text.push(self.prefix.as_bytes());
        match self.format {
            IdFormat::Hex => text.push_hex(draw.bits),
            IdFormat::UuidV4 => text.push_uuid(uuid(draw.bits, 4)),
            IdFormat::UuidV7 => text.push_uuid(uuid(timed(draw), 7)),
            IdFormat::Ulid => text.push_ulid(milliseconds(draw) << 80 | draw.bits >> 48),
        }
        text
    }
}

impl GenerateId for Ids {
    fn generate(&self) -> CorrelationId {
        if self.format == IdFormat::Hex && self.prefix.is_empty() {
            return Self::hex();
        }
        // A prefix is valid, and so are all characters of the formats.
        CorrelationId::from_owner(self.write(draw())).unwrap_or_else(|_| Self::hex())
    }
}

/// Writes version and variant into the bits
/// ([RFC 9562, section 4](https://www.rfc-editor.org/rfc/rfc9562#section-4)).
const fn uuid(bits: u128, version: u128) -> u128 {
    let free = bits & !(0xf << 76) & !(0b11 << 62);
    free | version << 76 | 0b10 << 62
}

/// 48 bits of milliseconds, 12 of the fraction of one, then random ones
/// ([RFC 9562, section 6.2, method 3](https://www.rfc-editor.org/rfc/rfc9562#section-6.2-5.6.1)).
fn timed(draw: Draw) -> u128 {
    let fraction = u128::from(draw.time.subsec_nanos() % NANOS_OF_A_MILLISECOND);
    let fraction = (fraction << 12) / u128::from(NANOS_OF_A_MILLISECOND);
    milliseconds(draw) << 80 | fraction << 64 | draw.bits >> 64
}

/// The lower 48 bits: enough until the year 10889.
const fn milliseconds(draw: Draw) -> u128 {
    draw.time.as_millis() & 0xffff_ffff_ffff
}

/// A prefix that ids may not have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidPrefix {
    /// The prefix.
    pub prefix: String,
    pub(super) cause: InvalidCorrelationId,
}

impl fmt::Display for InvalidPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "prefix {:?} is not valid; valid are 1 to {} characters of A-Z a-z 0-9 - _ . + / = :",
            self.prefix,
            Ids::MAX_PREFIX
        )
    }
}

impl Error for InvalidPrefix {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

const NANOS_OF_A_MILLISECOND: u32 = 1_000_000;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn written(format: IdFormat, bits: u128, time: Duration) -> String {
        let text = Ids::new(format).write(Draw { bits, time });
        String::from_utf8(text.as_ref().to_vec()).unwrap()
    }

    // RFC 9562, appendix A.3.
    #[test]
    fn a_random_uuid_is_that_of_the_rfc() {
        let bits = 0x9191_08f7_52d1_3320_5bac_f847_db41_48a8;

        assert_eq!(
            written(IdFormat::UuidV4, bits, Duration::ZERO),
            "919108f7-52d1-4320-9bac-f847db4148a8"
        );
    }

    // RFC 9562, appendix A.6; its 12 bits behind the version are those of a fraction of 0xcc3/0x1000.
    #[test]
    fn a_uuid_by_time_is_that_of_the_rfc() {
        let fraction = Duration::from_nanos(0xcc3 * 1_000_000 / 0x1000 + 1);
        let time = Duration::from_millis(0x017f_22e2_79b0) + fraction;
        let bits = 0x18c4_dc0c_0c07_398f << 64;

        assert_eq!(
            written(IdFormat::UuidV7, bits, time),
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
        );
    }

    #[test]
    fn a_ulid_is_that_of_its_specification() {
        let time = Duration::from_millis(1_469_922_850_259);
        let bits = 0xd65c_bb2b_7ca5_0fb8_3ea7_u128 << 48;

        let written = written(IdFormat::Ulid, bits, time);

        assert_eq!(&written[..10], "01ARZ3NDEK");
        assert_eq!(written.len(), 26);
        assert_eq!(decoded(&written), 1_469_922_850_259 << 80 | bits >> 48);
    }

    fn decoded(ulid: &str) -> u128 {
        let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let digit = |character| alphabet.find(character).unwrap() as u128;
        ulid.chars()
            .fold(0, |number, character| number << 5 | digit(character))
    }

    #[test]
    fn ids_by_time_sort_by_it() {
        let step = Duration::from_nanos(250);
        let start = Duration::from_millis(1_700_000_000_999);
        for (format, step) in [(IdFormat::UuidV7, step), (IdFormat::Ulid, step * 4000)] {
            let ids: Vec<_> = (0..100_u32)
                .map(|n| written(format, u128::MAX >> n, start + step * n))
                .collect();

            assert!(ids.is_sorted(), "{ids:?}");
        }
    }

    #[test]
    fn the_largest_bits_keep_version_variant_and_length() {
        for (format, said) in [
            (IdFormat::Hex, "ffffffffffffffffffffffffffffffff"),
            (IdFormat::UuidV4, "ffffffff-ffff-4fff-bfff-ffffffffffff"),
            (IdFormat::UuidV7, "00000000-0000-7000-bfff-ffffffffffff"),
            (IdFormat::Ulid, "0000000000ZZZZZZZZZZZZZZZZ"),
        ] {
            assert_eq!(written(format, u128::MAX, Duration::ZERO), said);
        }
    }

    #[test]
    fn every_format_with_the_longest_prefix_is_an_id() {
        let prefix = "p".repeat(Ids::MAX_PREFIX);
        for (format, length) in [
            (IdFormat::Hex, 32),
            (IdFormat::UuidV4, 36),
            (IdFormat::UuidV7, 36),
            (IdFormat::Ulid, 26),
        ] {
            let ids = Ids::new(format).with_prefix(prefix.clone()).unwrap();

            let id = ids.generate();

            assert_eq!(id.as_str().len(), prefix.len() + length);
            assert!(id.as_str().starts_with(&prefix));
            assert_ne!(id, ids.generate());
        }
    }

    #[test]
    fn a_prefix_that_no_id_may_have_is_refused_when_it_is_set() {
        let error = |prefix: &str| Ids::default().with_prefix(prefix.to_owned()).unwrap_err();

        for bad in ["", "req ", "req\n", "é", &"p".repeat(93)] {
            assert_eq!(error(bad).prefix, bad);
        }
        assert_eq!(
            error("re q").to_string(),
            "prefix \"re q\" is not valid; valid are 1 to 92 characters of A-Z a-z 0-9 - _ . + / = :"
        );
    }
}
