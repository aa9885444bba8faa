use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::super::ParseVersionError;
use super::number;

/// One to four numbers with dots between, as in [calendar versions](https://calver.org): `2026.11.2`.
///
/// Numbers may have leading zeros, which do not count, and a number that is left out is zero:
/// `2026.01` is `2026.1.0`. It also fits the versions of an API in its paths, such as `1.2`.
///
/// ```
/// use tower_edge::version_gate::CalVer;
///
/// let minimum: CalVer = "2026.9.30".parse()?;
///
/// assert!("2026.11".parse::<CalVer>()? > minimum);
/// assert!("2026.09.4".parse::<CalVer>()? < minimum);
/// assert_eq!("2026.09.30".parse::<CalVer>()?, minimum);
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CalVer {
    numbers: [u32; 4],
    /// How many of them were written.
    count: usize,
}

impl FromStr for CalVer {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        parse(text).ok_or(ParseVersionError::expected(
            "one to four numbers with dots between, as in 2026.11.2",
        ))
    }
}

impl Ord for CalVer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }
}

impl PartialOrd for CalVer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for CalVer {
    fn eq(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }
}

impl Eq for CalVer {}

impl Hash for CalVer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.numbers.hash(state);
    }
}

impl fmt::Display for CalVer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for number in self.numbers.iter().take(self.count) {
            write!(f, "{between}{number}")?;
            between = ".";
        }
        Ok(())
    }
}

fn parse(text: &str) -> Option<CalVer> {
    let mut version = CalVer {
        numbers: [0; 4],
        count: 0,
    };
    for part in text.split('.') {
        *version.numbers.get_mut(version.count)? = number::padded(part)?;
        version.count += 1;
    }
    Some(version)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::any;
    use proptest::proptest;

    use super::*;

    fn version(text: &str) -> CalVer {
        text.parse().unwrap()
    }

    #[test]
    fn orders_by_number_not_by_text() {
        let ascending = [
            "9",
            "2024.9.30",
            "2024.10",
            "2026.1.1",
            "2026.9",
            "2026.10",
            "2026.10.0.1",
        ];

        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn zeros_that_lead_or_are_left_out_do_not_count() {
        for (one, other) in [
            ("2024.01.3", "2024.1.3"),
            ("1.2", "1.2.0"),
            ("0", "0.0.0.0"),
        ] {
            assert_eq!(version(one), version(other));
        }
    }

    #[test]
    fn refuses_what_is_not_one_to_four_numbers() {
        for bad in [
            "",
            ".",
            "1.",
            ".1",
            "1..2",
            "1.2.3.4.5",
            "v1",
            "1.x",
            "1.-2",
            "+1",
            "1, 2",
            "2026.11.2-rc1",
            "4294967296",
        ] {
            assert!(bad.parse::<CalVer>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(numbers in vec(any::<u32>(), 1..=4)) {
            let text = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(".");

            assert_eq!(version(&text).to_string(), text);
        }

        #[test]
        fn is_ordered_as_lists_of_numbers_are(one in [any::<u32>(); 4], other in [any::<u32>(); 4]) {
            let text = |numbers: [u32; 4]| numbers.map(|number| number.to_string()).join(".");

            assert_eq!(version(&text(one)).cmp(&version(&text(other))), one.cmp(&other));
        }

        #[test]
        fn no_text_makes_it_panic(text in "([0-9]{0,11}\\.){0,6}[0-9]{0,11}|.{0,80}") {
            let _ = text.parse::<CalVer>();
        }
    }
}
