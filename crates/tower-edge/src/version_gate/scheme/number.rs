//! The numbers in a version.

/// Digits without a sign and leading zeros, so that a number is written in one way only.
pub(super) fn plain(text: &str) -> Option<u64> {
    let is_one_way = text == "0" || !text.starts_with('0');
    if is_one_way { padded(text) } else { None }
}

/// Digits, possibly with leading zeros, as in the months of a calendar.
pub(super) fn padded(text: &str) -> Option<u64> {
    let number = text.parse().ok()?;
    (!text.starts_with('+')).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_and_nothing_else() {
        for (text, number) in [
            ("0", Some(0)),
            ("10", Some(10)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("99999999999999999999", None),
            ("", None),
            ("+1", None),
            ("-1", None),
            (" 1", None),
            ("1 ", None),
            ("1_0", None),
            ("0x1", None),
            ("٣", None),
        ] {
            assert_eq!(plain(text), number, "{text:?}");
            assert_eq!(padded(text), number, "{text:?}");
        }
    }

    #[test]
    fn zeros_lead_only_where_they_may() {
        for (text, number) in [("00", 0), ("01", 1), ("0011", 11), ("00000000000007", 7)] {
            assert_eq!((plain(text), padded(text)), (None, Some(number)), "{text}");
        }
    }
}
