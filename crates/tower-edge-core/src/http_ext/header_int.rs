//! Whole numbers as header values. Small ones, and large ones that repeat, cost no allocation.

use std::cell::RefCell;
use std::mem;
use std::time::Duration;

use http::HeaderValue;

/// The number in decimal digits.
///
/// ```
/// use tower_edge_core::http_ext::header_int;
///
/// assert_eq!(header_int(42), "42");
/// assert_eq!(header_int(1_642_262_400), "1642262400");
/// ```
///
/// Numbers below 1000 are constants. Larger numbers often repeat, such as limits and reset times, so each thread keeps
/// the last values that it has returned. Threads do not wait for each other, and share no reference count.
#[must_use]
pub fn header_int(number: u64) -> HeaderValue {
    let small = usize::try_from(number).ok().and_then(|at| SMALL.get(at));
    small.map_or_else(|| recent(number), HeaderValue::clone)
}

/// The `delay-seconds` of a `Retry-After`: a whole number of seconds, rounded up, at least 1
/// ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
///
/// ```
/// use std::time::Duration;
/// use tower_edge_core::http_ext::retry_after_seconds;
///
/// assert_eq!(retry_after_seconds(Duration::from_millis(1500)), 2);
/// assert_eq!(retry_after_seconds(Duration::ZERO), 1);
/// ```
#[must_use]
pub fn retry_after_seconds(wait: Duration) -> u64 {
    whole_seconds(wait).max(1)
}

/// The seconds of a `Retry-After`, or of another field with `delta-seconds`. `None` for anything but digits, such as a
/// date.
///
/// A number that is too large is the largest there is
/// ([RFC 9111, section 1.2.2](https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2)).
///
/// ```
/// use http::HeaderValue;
/// use tower_edge_core::http_ext::delta_seconds;
///
/// assert_eq!(delta_seconds(&HeaderValue::from_static("120")), Some(120));
/// assert_eq!(delta_seconds(&HeaderValue::from_static("99999999999999999999")), Some(u64::MAX));
/// assert_eq!(delta_seconds(&HeaderValue::from_static("-1")), None);
/// ```
#[must_use]
pub fn delta_seconds(value: &HeaderValue) -> Option<u64> {
    let digits = value.as_bytes();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().try_fold(0_u64, |number, digit| {
        number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    });
    Some(number.unwrap_or(u64::MAX))
}

/// A time in whole seconds, rounded up.
#[must_use]
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs()
        .saturating_add(u64::from(time.subsec_nanos() > 0))
}

/// A time in whole milliseconds, rounded up.
#[must_use]
pub fn whole_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// A large number that this thread may have returned recently.
fn recent(number: u64) -> HeaderValue {
    let kept = RECENT.try_with(|sets| {
        let mut sets = sets.try_borrow_mut().ok()?;
        // The remainder is the index of a set.
        let at = usize::try_from(number % SETS as u64).ok()?;
        let [last, earlier] = sets.get_mut(at)?;
        if earlier.0 == number {
            return Some(earlier.1.clone());
        }
        if last.0 != number {
            *earlier = mem::replace(last, (number, HeaderValue::from(number)));
        }
        Some(last.1.clone())
    });
    // A thread that is ending has no sets any more.
    kept.ok()
        .flatten()
        .unwrap_or_else(|| HeaderValue::from(number))
}

thread_local! {
    static RECENT: RefCell<[[(u64, HeaderValue); 2]; SETS]> = const {
        RefCell::new([const { [const { (0, HeaderValue::from_static("0")) }; 2] }; SETS])
    };
}

/// Enough for the seconds of a minute, which is how far apart the resets of most quotas are. Two numbers share a set,
/// so that the reset and the wait of a response do not replace each other.
const SETS: usize = 64;

/// The digits of a number below 1000.
#[derive(Clone, Copy)]
pub(crate) struct Digits {
    bytes: [u8; 3],
    length: usize,
}

impl Digits {
    const fn new(number: usize) -> Self {
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

    pub(crate) const fn as_str(&'static self) -> &'static str {
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

pub(crate) static DIGITS: [Digits; 1000] = {
    let mut table = [Digits::new(0); 1000];
    let mut at = 0;
    while at < table.len() {
        table[at] = Digits::new(at);
        at += 1;
    }
    table
};

/// Values rather than texts: making a value at run time checks each byte.
static SMALL: [HeaderValue; DIGITS.len()] = {
    let mut table = [const { HeaderValue::from_static("") }; DIGITS.len()];
    let mut at = 0;
    while at < table.len() {
        let value = HeaderValue::from_static(DIGITS[at].as_str());
        // A constant expression cannot drop a value.
        std::mem::forget(std::mem::replace(&mut table[at], value));
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_digits_of_its_number() {
        for number in (0..=1100).chain([u64::from(u32::MAX), u64::MAX]) {
            assert_eq!(header_int(number), number.to_string().as_str());
        }
    }

    #[test]
    fn a_number_that_comes_again_is_not_written_again() {
        let (first, second) = (header_int(1_642_262_400), header_int(1_642_262_400));

        assert_eq!(first.as_bytes().as_ptr(), second.as_bytes().as_ptr());
    }

    // Two threads that share a value both write to its reference count.
    #[test]
    fn two_threads_share_no_large_number() {
        let address = || {
            let value = header_int(1_642_262_401);
            (value.as_bytes().as_ptr() as usize, value)
        };

        let (here, _kept) = address();
        let (there, _kept) = std::thread::spawn(address).join().unwrap();

        assert_ne!(here, there);
    }

    #[test]
    fn two_numbers_of_one_set_do_not_take_each_others_place() {
        let address = |number| header_int(number).as_bytes().as_ptr();
        let (wait, reset) = (3600, 3600 + 9 * SETS as u64);
        let places = [header_int(wait), header_int(reset)];

        for _ in 0..3 {
            assert_eq!(address(wait), places[0].as_bytes().as_ptr());
            assert_eq!(address(reset), places[1].as_bytes().as_ptr());
        }
        for number in [1000, 1000 + SETS as u64, 1000, 1000 + 2 * SETS as u64] {
            assert_eq!(header_int(number), number.to_string().as_str());
        }
    }

    // RFC 9110, section 10.2.3: delay-seconds is a non-negative integer; clients retry at once on 0.
    #[test]
    fn retry_after_is_rounded_up_and_never_zero() {
        for (wait, seconds) in [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (29_999, 30)] {
            let wait = Duration::from_millis(wait);
            assert_eq!(retry_after_seconds(wait), seconds, "{wait:?}");
        }
    }

    #[test]
    fn milliseconds_are_rounded_up() {
        assert_eq!(whole_milliseconds(Duration::from_micros(1001)), 2);
        assert_eq!(whole_milliseconds(Duration::ZERO), 0);
    }

    #[test]
    fn a_very_long_time_does_not_overflow() {
        assert_eq!(whole_seconds(Duration::MAX), u64::MAX);
        assert_eq!(whole_milliseconds(Duration::MAX), u64::MAX);
    }
}
