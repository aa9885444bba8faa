//! Whole numbers as text. As header values small ones, and large ones that come again, cost no allocation.

use std::sync::Mutex;
use std::time::Duration;

use http::HeaderValue;

/// The number in decimal digits.
///
/// ```
/// use tower_edge_core::number;
///
/// assert_eq!(number::header_value(42), "42");
/// assert_eq!(number::header_value(1_642_262_400), "1642262400");
/// ```
#[must_use]
pub fn header_value(number: u64) -> HeaderValue {
    let small = usize::try_from(number).ok().and_then(|at| SMALL.get(at));
    small.map_or_else(|| recent(number), |digits| HeaderValue::from_static(digits))
}

/// The number in 32 hexadecimal digits, in lower case.
///
/// ```
/// use tower_edge_core::number;
///
/// assert_eq!(&number::hex(255), b"000000000000000000000000000000ff");
/// ```
#[must_use]
pub fn hex(number: u128) -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair.copy_from_slice(&HEX[usize::from(byte)]);
    }
    digits
}

/// A large number that was asked for not long ago: limits, and the second at which one resets, come
/// again and again. Two threads do not wait for each other here.
fn recent(number: u64) -> HeaderValue {
    // The remainder is the index of a slot.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is below the number of slots"
    )]
    let slot = &RECENT[(number % RECENT.len() as u64) as usize];
    let Ok(mut slot) = slot.try_lock() else {
        return HeaderValue::from(number);
    };
    if slot.0 != number {
        *slot = (number, HeaderValue::from(number));
    }
    slot.1.clone()
}

/// Enough for the seconds of a minute, which is how far apart the resets of most policies are.
static RECENT: [Mutex<(u64, HeaderValue)>; 64] =
    [const { Mutex::new((0, HeaderValue::from_static("0"))) }; 64];

/// The `delay-seconds` of a `Retry-After`: a whole number of seconds, rounded up, at least 1
/// ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
///
/// ```
/// use std::time::Duration;
/// use tower_edge_core::number;
///
/// assert_eq!(number::retry_after(Duration::from_millis(1500)), "2");
/// assert_eq!(number::retry_after(Duration::ZERO), "1");
/// ```
#[must_use]
pub fn retry_after(wait: Duration) -> HeaderValue {
    header_value(whole_seconds(wait).max(1))
}

/// A time in whole seconds, rounded up.
#[must_use]
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs()
        .saturating_add(u64::from(time.subsec_nanos() > 0))
}

/// The digits of a number below 1000.
#[derive(Clone, Copy)]
struct Digits {
    bytes: [u8; 3],
    length: usize,
}

impl Digits {
    const fn of(number: usize) -> Self {
        let (hundreds, tens, ones) = (
            digit(number / 100),
            digit(number / 10 % 10),
            digit(number % 10),
        );
        if number < 10 {
            Self {
                bytes: [ones, b' ', b' '],
                length: 1,
            }
        } else if number < 100 {
            Self {
                bytes: [tens, ones, b' '],
                length: 2,
            }
        } else {
            Self {
                bytes: [hundreds, tens, ones],
                length: 3,
            }
        }
    }

    const fn as_str(&'static self) -> &'static str {
        let (digits, _) = self.bytes.split_at(self.length);
        match std::str::from_utf8(digits) {
            Ok(digits) => digits,
            Err(_) => "",
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a decimal digit fits into a byte"
)]
const fn digit(number: usize) -> u8 {
    b'0' + number as u8
}

static DIGITS: [Digits; 1000] = {
    let mut table = [Digits::of(0); 1000];
    let mut at = 0;
    while at < table.len() {
        table[at] = Digits::of(at);
        at += 1;
    }
    table
};

static SMALL: [&str; DIGITS.len()] = {
    let mut table = [""; DIGITS.len()];
    let mut at = 0;
    while at < table.len() {
        table[at] = DIGITS[at].as_str();
        at += 1;
    }
    table
};

/// The two digits of each byte.
static HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = [digits[byte >> 4], digits[byte & 0xf]];
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_number_says() {
        for number in (0..=1100).chain([u64::MAX]) {
            assert_eq!(header_value(number), number.to_string().as_str());
        }
    }

    #[test]
    fn a_number_that_comes_again_is_not_written_again() {
        let (first, second) = (header_value(1_642_262_400), header_value(1_642_262_400));

        assert_eq!(first.as_bytes().as_ptr(), second.as_bytes().as_ptr());
    }

    // RFC 9110, section 10.2.3: delay-seconds is a non-negative integer; clients retry at once on 0.
    #[test]
    fn retry_after_is_rounded_up_and_never_zero() {
        for (wait, seconds) in [
            (0, "1"),
            (1, "1"),
            (999, "1"),
            (1000, "1"),
            (1001, "2"),
            (29_999, "30"),
        ] {
            assert_eq!(
                retry_after(Duration::from_millis(wait)),
                seconds,
                "{wait} ms"
            );
        }
    }

    #[test]
    fn a_very_long_time_does_not_overflow() {
        assert_eq!(whole_seconds(Duration::MAX), u64::MAX);
    }
}
