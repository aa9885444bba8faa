use std::borrow::Cow;
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tower_edge_core::http_ext::hex;
use tower_edge_core::{CorrelationId, GenerateId, InvalidCorrelationId};

/// Makes ids of one format, without a system call and with one allocation each.
///
/// ```
/// use tower_edge::correlation_id::{GenerateId, Ids};
///
/// let ids = Ids::uuid_v7().with_prefix("req_")?;
///
/// assert_eq!(ids.generate().as_str().len(), "req_".len() + 36);
/// # Ok::<_, tower_edge::correlation_id::InvalidPrefix>(())
/// ```
///
/// Each thread has a generator of its own, with a random seed from the system. The time in nanoseconds is mixed into
/// it for every id. A process that was forked or restored from a snapshot continues with a copy of the generator. Both
/// processes may repeat ids made in the same nanosecond; they diverge as soon as their clocks differ.
///
/// The ids are not secrets: who has seen some may guess more.
#[derive(Clone, Debug, Default)]
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
    /// The maximum number of characters of a prefix.
    pub const MAX_PREFIX: usize = CorrelationId::MAX_LENGTH - 36;

    /// 128 random bits in 32 hexadecimal digits, the default. Without a prefix it is also a valid trace id.
    #[must_use]
    pub const fn hex() -> Self {
        Self::new(Format::Hex)
    }

    /// Random UUIDs, with 122 random bits
    /// ([RFC 9562, section 5.4](https://www.rfc-editor.org/rfc/rfc9562#section-5.4)).
    #[must_use]
    pub const fn uuid_v4() -> Self {
        Self::new(Format::UuidV4)
    }

    /// UUIDs that sort by time, in steps of a quarter of a microsecond, with 62 random bits
    /// ([RFC 9562, section 5.7](https://www.rfc-editor.org/rfc/rfc9562#section-5.7)).
    #[must_use]
    pub const fn uuid_v7() -> Self {
        Self::new(Format::UuidV7)
    }

    /// Puts this before each id, such as `req_`.
    ///
    /// # Errors
    ///
    /// If it is empty, longer than [`MAX_PREFIX`](Self::MAX_PREFIX), or has characters that an id cannot have.
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

    const fn new(format: Format) -> Self {
        Self {
            format,
            prefix: Cow::Borrowed(""),
        }
    }

    /// An id of the default format, with the clock reading of the request.
    pub(super) fn hex_at(now: Instant) -> CorrelationId {
        from_bits(next_u128(now.saturating_duration_since(*EPOCH)))
    }

    fn write(&self, bits: u128, time: Duration) -> IdBuffer {
        let mut id = IdBuffer::new();
        id.push(self.prefix.as_bytes());
        match self.format {
            Format::Hex => id.push(&hex(bits)),
            Format::UuidV4 => id.push(&uuid(bits, 4)),
            Format::UuidV7 => id.push(&uuid(by_time(bits, time), 7)),
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
        if self.format == Format::Hex && self.prefix.is_empty() {
            return from_bits(bits);
        }
        // A prefix is valid, and so are all characters of the formats.
        CorrelationId::from_owner(self.write(bits, time)).unwrap_or_else(|_| from_bits(bits))
    }
}

/// A trace id is not zero.
fn from_bits(bits: u128) -> CorrelationId {
    CorrelationId::from_u128(bits.max(1))
}

/// In 36 characters, with version and variant in place of six bits
/// ([RFC 9562, section 4](https://www.rfc-editor.org/rfc/rfc9562#section-4)).
fn uuid(bits: u128, version: u128) -> [u8; 36] {
    let free = bits & !(0xf << 76) & !(0b11 << 62);
    let digits = hex(free | version << 76 | 0b10 << 62);
    let mut text = [b'-'; 36];
    for (from, to) in [
        (0..8, 0),
        (8..12, 9),
        (12..16, 14),
        (16..20, 19),
        (20..32, 24),
    ] {
        let group = &digits[from];
        text[to..to + group.len()].copy_from_slice(group);
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

/// An id while it is written, without an allocation.
#[derive(Clone, Copy, Debug)]
struct IdBuffer {
    bytes: [u8; CorrelationId::MAX_LENGTH],
    length: usize,
}

impl IdBuffer {
    const fn new() -> Self {
        Self {
            bytes: [0; CorrelationId::MAX_LENGTH],
            length: 0,
        }
    }

    /// Writes as much of the text as there is room for.
    fn push(&mut self, text: &[u8]) {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let written = text.len().min(room.len());
        room[..written].copy_from_slice(&text[..written]);
        self.length += written;
    }
}

impl AsRef<[u8]> for IdBuffer {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Two generators with a seed of 64 bits each, since one would repeat itself among some billion ids. A thread never
/// draws the lower half twice. The time goes into the upper half and stays in it, so that two copies of a process
/// diverge once their clocks have differed by a nanosecond.
#[derive(Clone, Copy, Debug)]
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

/// Random bits of this thread.
fn next_u128(time: Duration) -> u128 {
    RNG.with(|state| {
        let mut rng = state.get();
        let bits = rng.next_u128(time);
        state.set(rng);
        bits
    })
}

/// A prefix that ids cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidPrefix {
    /// The prefix.
    pub prefix: String,
    cause: InvalidCorrelationId,
}

impl fmt::Display for InvalidPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, most) = (&self.prefix, Ids::MAX_PREFIX);
        write!(
            f,
            "invalid prefix {prefix:?} of correlation ids: expected 1 to {most} visible ASCII characters without \
             `\"`, `\\`, `,`, `<` and `>`"
        )
    }
}

impl Error for InvalidPrefix {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

/// Earlier than all requests but the first.
#[expect(
    clippy::disallowed_methods,
    reason = "the time is part of the id, nothing is decided by it"
)]
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

const NANOS_OF_A_MILLISECOND: u32 = 1_000_000;

thread_local! {
    static RNG: Cell<Rng> = Cell::new(Rng::from_entropy());
}

#[cfg(test)]
mod tests;
