//! The value of [`grpc-timeout`](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests):
//! at most eight digits and a unit.

use std::time::Duration;

use http::HeaderValue;

/// The time, if the value is valid. A zero, which no client should send, is over at once.
pub(super) fn parse(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if !(1..=MAX_DIGITS).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = digits
        .iter()
        .fold(0_u64, |count, digit| count * 10 + u64::from(digit - b'0'));
    // Upper and lower case are different units.
    Some(match unit {
        b'H' => Duration::from_secs(count * 3600),
        b'M' => Duration::from_secs(count * 60),
        b'S' => Duration::from_secs(count),
        b'm' => Duration::from_millis(count),
        b'u' => Duration::from_micros(count),
        b'n' => Duration::from_nanos(count),
        _ => return None,
    })
}

/// The time in the finest unit in which it has at most eight digits. It is rounded down, so that the receiver gets no
/// more time than there is.
pub(super) fn write(time: Duration) -> HeaderValue {
    let seconds = u128::from(time.as_secs());
    let (count, unit) = [
        (time.as_nanos(), b'n'),
        (time.as_micros(), b'u'),
        (time.as_millis(), b'm'),
        (seconds, b'S'),
        (seconds / 60, b'M'),
        (seconds / 3600, b'H'),
    ]
    .into_iter()
    .find(|(count, _)| *count <= LARGEST)
    .unwrap_or((LARGEST, b'H'));
    let mut text = [0; MAX_DIGITS + 1];
    let mut at = MAX_DIGITS;
    text[at] = unit;
    let mut rest = count;
    loop {
        at -= 1;
        text[at] = DIGITS[usize::try_from(rest % 10).unwrap_or_default()];
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    // Digits and a letter are always a valid header value.
    HeaderValue::from_bytes(&text[at..]).unwrap_or(HeaderValue::from_static("0n"))
}

const DIGITS: &[u8; 10] = b"0123456789";
const LARGEST: u128 = 99_999_999;
const MAX_DIGITS: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // gRPC over HTTP/2: TimeoutValue is a positive integer of at most eight digits, TimeoutUnit one of
    // H, M, S, m, u and n.
    #[test]
    fn reads_every_unit_and_up_to_eight_digits() {
        for (text, time) in [
            ("1H", Duration::from_secs(3600)),
            ("99999999H", Duration::from_secs(99_999_999 * 3600)),
            ("2M", Duration::from_secs(120)),
            ("30S", Duration::from_secs(30)),
            ("6010m", Duration::from_millis(6010)),
            ("5u", Duration::from_micros(5)),
            ("12345678n", Duration::from_nanos(12_345_678)),
            ("00000001S", Duration::from_secs(1)),
            ("00000000n", Duration::ZERO),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(time), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_timeout() {
        for bad in [
            "",
            "S",
            "1",
            "1s",
            "1h",
            "1 S",
            " 1S",
            "1S ",
            "-1S",
            "+1S",
            "1.5S",
            "123456789S",
            "0x1S",
            "1SS",
            "1\u{b5}",
            "\u{661}S",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn writes_the_finest_unit_with_eight_digits() {
        for (time, text) in [
            (Duration::ZERO, "0n"),
            (Duration::from_nanos(7), "7n"),
            (Duration::from_millis(99), "99000000n"),
            (Duration::from_millis(100), "100000u"),
            (Duration::from_millis(6010), "6010000u"),
            (Duration::from_secs(100), "100000m"),
            (Duration::from_secs(100_000), "100000S"),
            (Duration::from_secs(6_000_000_000), "1666666H"),
            (Duration::MAX, "99999999H"),
        ] {
            assert_eq!(write(time), text, "{time:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_never_more_than_there_is(nanos in 0_u64.., shift in 0_u32..64) {
            // The shift makes short times as likely as long ones.
            let time = Duration::from_nanos(nanos >> shift);

            let read = parse(write(time).as_bytes()).unwrap();

            prop_assert!(read <= time);
            // A coarser unit begins at 100,000 of it.
            prop_assert!(time - read <= time / 100_000, "{time:?} {read:?}");
        }

        #[test]
        fn what_is_read_is_written_as_the_same_time(text in "[0-9]{1,8}[HMSmun]") {
            let time = parse(text.as_bytes()).unwrap();

            prop_assert_eq!(parse(write(time).as_bytes()), Some(time));
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
            let _ = parse(&bytes);
        }
    }
}
