use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::super::ParseVersionError;
use super::number;

/// A version as apps and app stores write it: `1.2.0`, `v1.2`, `2026.11.2`, `1.2.0.4` or `1.2.0 (345)`.
///
/// ```
/// use tower_edge::version_gate::AppVersion;
///
/// let minimum: AppVersion = "1.2.0".parse()?;
///
/// assert!("v1.10".parse::<AppVersion>()? > minimum);
/// assert!("01.01.09".parse::<AppVersion>()? < minimum);
/// assert_eq!("1.2".parse::<AppVersion>()?, minimum);
/// assert!("1.2.0 (345)".parse::<AppVersion>()? > minimum);
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
///
/// A version is one to four numbers with dots between, which are compared one by one. Leading zeros do not count, and a
/// missing number is zero. A `v` may stand in front.
///
/// A build may follow, as `(345)` or `+345`. It is compared last, and a missing build is zero: a minimum `1.2.0` admits
/// every build of 1.2.0, and a minimum `1.2.0 (345)` admits builds from 345 on. A maximum or a blocked version without a
/// build is about build 0 only, so name the build there if your clients send one.
#[derive(Clone, Copy, Debug)]
pub struct AppVersion {
    /// Four numbers and the build.
    numbers: [u64; 5],
    /// How many of the four were written.
    written: usize,
}

impl FromStr for AppVersion {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        parse(text).ok_or(ParseVersionError::expected(
            "one to four numbers with dots between, as in 1.2.0 or 1.2.0 (345)",
        ))
    }
}

impl Ord for AppVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }
}

impl PartialOrd for AppVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for AppVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for AppVersion {}

impl fmt::Display for AppVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, others @ .., build] = &self.numbers;
        write!(f, "{first}")?;
        for number in others.iter().take(self.written.saturating_sub(1)) {
            write!(f, ".{number}")?;
        }
        match build {
            0 => Ok(()),
            build => write!(f, " ({build})"),
        }
    }
}

fn parse(text: &str) -> Option<AppVersion> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (version, build) = match text.split_once(['(', '+']) {
        Some((version, build)) if text.contains('(') => {
            (version.trim_end(), build.strip_suffix(')')?)
        }
        Some(parts) => parts,
        None => (text, "0"),
    };
    let mut numbers = [0, 0, 0, 0, number::padded(build)?];
    let mut written = 0;
    for part in version.split('.') {
        *numbers.get_mut(..4)?.get_mut(written)? = number::padded(part)?;
        written += 1;
    }
    Some(AppVersion { numbers, written })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::any;
    use proptest::proptest;

    use super::*;

    fn version(text: &str) -> AppVersion {
        text.parse().unwrap()
    }

    #[test]
    fn orders_by_number_not_by_text() {
        let ascending = [
            "v1",
            "1.2.0 (9)",
            "1.2.0 (345)",
            "1.2.0.4",
            "1.10",
            "9",
            "2024.9.30",
            "2024.10",
            "2026.01.01",
            "2026.9",
            "2026.10",
            "2026.10.0.1",
        ];

        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn one_version_is_written_in_many_ways() {
        for (one, other) in [
            ("2024.01.3", "2024.1.3"),
            ("01.02.03", "1.2.3"),
            ("1.2", "1.2.0"),
            ("0", "0.0.0.0"),
            ("v1.2.0", "1.2.0"),
            ("V1.2.0", "1.2.0"),
            ("1.2.0 (345)", "1.2.0(345)"),
            ("1.2.0+345", "1.2.0 (0345)"),
            ("1.2.0 (0)", "1.2.0"),
        ] {
            assert_eq!(version(one), version(other));
        }
    }

    #[test]
    fn a_minimum_with_a_build_is_of_builds() {
        let minimum = version("1.2.0 (345)");

        for (client, admitted) in [
            ("1.2.0 (344)", false),
            ("1.2.0", false),
            ("1.2.0 (345)", true),
            ("1.2.1", true),
        ] {
            assert_eq!(version(client) >= minimum, admitted, "{client}");
        }
    }

    #[test]
    fn refuses_what_is_not_one_to_four_numbers() {
        for bad in [
            "",
            ".",
            "v",
            "vv1",
            "1.",
            ".1",
            "1..2",
            "1.2.3.4.5",
            "1.x",
            "1.-2",
            "+1",
            "1, 2",
            " 1",
            "1 ",
            "1.2.0 345",
            "1.2.0 (345",
            "1.2.0 345)",
            "1.2.0 ()",
            "1.2.0 (345) x",
            "1.2.0+",
            "1.2.0+3+4",
            "1.2.0 (3)(4)",
            "1.2.0 (+4)",
            "2026.11.2-rc1",
            "18446744073709551616",
        ] {
            assert!(bad.parse::<AppVersion>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(numbers in vec(any::<u64>(), 1..=4), build: u16) {
            let text = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
            let text = if build == 0 { text } else { format!("{text} ({build})") };

            assert_eq!(version(&text).to_string(), text);
        }

        #[test]
        fn is_ordered_as_lists_of_numbers_are(one in [any::<u64>(); 4], other in [any::<u64>(); 4]) {
            let text = |numbers: [u64; 4]| numbers.map(|number| number.to_string()).join(".");

            assert_eq!(version(&text(one)).cmp(&version(&text(other))), one.cmp(&other));
        }

        #[test]
        fn no_text_makes_it_panic(text in "v?([0-9]{0,21}\\.){0,6}[0-9]{0,11}[ (+)0-9]{0,6}|.{0,80}") {
            let _ = text.parse::<AppVersion>();
        }
    }
}
