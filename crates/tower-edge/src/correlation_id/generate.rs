use std::borrow::Cow;
use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use smallvec::SmallVec;
use tower_edge_core::http_ext::hex;
use tower_edge_core::{CorrelationId, GenerateId, InvalidCorrelationId};

/// Makes ids of one format, without a system call.
///
/// ```
/// use tower_edge::correlation_id::{GenerateId, Ids};
///
/// let ids = Ids::uuid_v7().with_prefix("req_")?;
///
/// assert_eq!(ids.generate().as_str().len(), "req_".len() + 36);
/// # Ok::<_, tower_edge::correlation_id::InvalidCorrelationId>(())
/// ```
///
/// Each thread has a generator of its own, with a random seed from the system. The time in nanoseconds is mixed into
/// it for every id. A process that was forked or restored from a snapshot continues with a copy of the generator. Both
/// processes may repeat ids made in the same nanosecond; they diverge as soon as their clocks differ.
///
/// The ids are not secrets: whoever has seen some may guess others.
#[derive(Clone, Debug, Default)]
#[must_use = "ids are made for a layer"]
pub struct Ids {
    format: Format,
    prefix: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Hex,
    UuidV4,
    UuidV7,
}

impl Ids {
    /// 128 random bits in 32 hexadecimal digits, the default. Without a prefix it is also a valid trace id.
    pub const fn hex() -> Self {
        Self::new(Format::Hex)
    }

    /// Random UUIDs, with 122 random bits
    /// ([RFC 9562, section 5.4](https://www.rfc-editor.org/rfc/rfc9562#section-5.4)).
    pub const fn uuid_v4() -> Self {
        Self::new(Format::UuidV4)
    }

    /// UUIDs that sort by time, in steps of a quarter of a microsecond, with 62 random bits
    /// ([RFC 9562, section 5.7](https://www.rfc-editor.org/rfc/rfc9562#section-5.7)).
    pub const fn uuid_v7() -> Self {
        Self::new(Format::UuidV7)
    }

    /// Sets a prefix for each id, such as `req_`.
    ///
    /// ```
    /// use tower_edge::correlation_id::Ids;
    ///
    /// let error = Ids::hex().with_prefix("of us ").unwrap_err();
    /// assert!(error.to_string().starts_with("invalid byte 0x20 in a correlation id: expected letters, digits"));
    /// ```
    ///
    /// # Errors
    ///
    /// If ids with the prefix are not valid: they are too long, or have characters that an id cannot have.
    pub fn with_prefix(
        self,
        prefix: impl Into<Cow<'static, str>>,
    ) -> Result<Self, InvalidCorrelationId> {
        let prefix = prefix.into();
        let ids = Self { prefix, ..self };
        // All ids have the same length.
        CorrelationId::new(ids.write(0, Duration::ZERO))?;
        Ok(ids)
    }

    const fn new(format: Format) -> Self {
        Self {
            format,
            prefix: Cow::Borrowed(""),
        }
    }

    /// An id of the default format, with the clock reading of the request.
    pub(super) fn hex_at(now: Instant) -> CorrelationId {
        CorrelationId::from_u128(next_u128(now.saturating_duration_since(*EPOCH)))
    }

    /// Writes the id on the stack, so that the header value is its only allocation.
    fn write(&self, bits: u128, time: Duration) -> SmallVec<[u8; 64]> {
        let mut id = SmallVec::from_slice(self.prefix.as_bytes());
        match self.format {
            Format::Hex => id.extend_from_slice(&hex(bits)),
            Format::UuidV4 => id.extend_from_slice(&uuid(bits, 4)),
            Format::UuidV7 => id.extend_from_slice(&uuid(by_time(bits, time), 7)),
        }
        id
    }
}

impl GenerateId for Ids {
    #[expect(
        clippy::disallowed_methods,
        reason = "the time is part of the id, nothing is decided by it"
    )]
    fn generate(&self) -> CorrelationId {
        let time = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = time.unwrap_or_default();
        let bits = next_u128(time);
        // A prefix is valid, and so are all characters of the formats.
        let id = CorrelationId::new(self.write(bits, time));
        id.unwrap_or_else(|_| CorrelationId::from_u128(bits))
    }
}

/// In 36 characters, with version and variant in place of six bits
/// ([RFC 9562, section 4](https://www.rfc-editor.org/rfc/rfc9562#section-4)).
fn uuid(bits: u128, version: u128) -> [u8; 36] {
    let free = bits & !(0xf << 76) & !(0b11 << 62);
    let digits = hex(free | version << 76 | 0b10 << 62);
    let mut text = [b'-'; 36];
    for (at, length, dashes) in [(0, 8, 0), (8, 4, 1), (12, 4, 2), (16, 4, 3), (20, 12, 4)] {
        text[at + dashes..][..length].copy_from_slice(&digits[at..][..length]);
    }
    text
}

/// 48 bits of milliseconds, 12 of the fraction of one, then random ones
/// ([RFC 9562, section 6.2, method 3](https://www.rfc-editor.org/rfc/rfc9562#section-6.2-5.6.1)).
fn by_time(bits: u128, time: Duration) -> u128 {
    let fraction = u128::from(time.subsec_nanos() % NANOS_OF_A_MILLISECOND);
    let fraction = (fraction << 12) / u128::from(NANOS_OF_A_MILLISECOND);
    // The shift keeps 48 bits, which are enough until the year 10889.
    time.as_millis() << 80 | fraction << 64 | bits >> 64
}

/// Two generators with a seed of 64 bits each, since one would repeat itself among some billion ids. A thread never
/// draws the lower half twice. The time goes into the upper half and stays in it, so that two copies of a process
/// diverge once their clocks have differed by a nanosecond.
#[derive(Debug)]
struct Rng([u64; 2]);

impl Rng {
    /// The standard library reads randomness of the system once per thread.
    fn from_entropy() -> Self {
        let random = RandomState::new();
        Self([random.hash_one(0_u8), random.hash_one(1_u8)])
    }

    fn next_u128(&mut self, time: Duration) -> u128 {
        let nanos = time.as_secs().wrapping_mul(1_000_000_000) ^ u64::from(time.subsec_nanos());
        let mut upper = fastrand::Rng::with_seed(self.0[0] ^ nanos);
        let mut lower = fastrand::Rng::with_seed(self.0[1]);
        let bits = u128::from(upper.u64(..)) << 64 | u128::from(lower.u64(..));
        self.0 = [upper.get_seed(), lower.get_seed()];
        bits
    }
}

/// Random bits of this thread. A trace id is not zero.
fn next_u128(time: Duration) -> u128 {
    RNG.with_borrow_mut(|rng| rng.next_u128(time)).max(1)
}

/// Earlier than all requests but the first.
#[expect(
    clippy::disallowed_methods,
    reason = "the time is part of the id, nothing is decided by it"
)]
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

const NANOS_OF_A_MILLISECOND: u32 = 1_000_000;

thread_local! {
    static RNG: RefCell<Rng> = RefCell::new(Rng::from_entropy());
}

#[cfg(test)]
mod tests;
