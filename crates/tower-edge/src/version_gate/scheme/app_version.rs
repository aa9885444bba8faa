use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::super::{ParseVersionError, Version};
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
/// missing number is zero. A `v` may stand in front. The text after a hyphen is neither compared nor kept, so that
/// `1.2.0-beta` equals `1.2.0`: [`SemVer`](super::SemVer) orders pre-releases.
///
/// A build may follow at the end, as in `(345)`, `(345.1)` or `+345`. If two versions differ only in their builds, the
/// greater build is later. A version without a build comes before all of its builds. In a policy, a version without a
/// build is about every build: a minimum, a maximum and a blocked version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppVersion {
    version: Numbers,
    build: Option<Numbers>,
}

impl Version for AppVersion {
    fn includes(&self, client: &Self) -> bool {
        self.version == client.version && self.build.is_none_or(|build| Some(build) == client.build)
    }
}

impl FromStr for AppVersion {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        parse(text).ok_or(ParseVersionError::expected(
            "one to four numbers with dots between, as in 1.2.0 or 1.2.0 (345)",
        ))
    }
}

impl fmt::Display for AppVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.version.fmt(f)?;
        self.build.map_or(Ok(()), |build| write!(f, " ({build})"))
    }
}

fn parse(text: &str) -> Option<AppVersion> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (version, build) = match (text.split_once('('), text.split_once('+')) {
        (Some((version, build)), _) => (version.trim_end(), Some(build.strip_suffix(')')?)),
        (None, Some((version, build))) => (version, Some(build)),
        _ => (text, None),
    };
    let (version, suffix) = version.split_once('-').unwrap_or((version, "none"));
    let is_suffix = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if suffix.is_empty() || !suffix.bytes().all(is_suffix) {
        return None;
    }
    Some(AppVersion {
        version: Numbers::parse(version)?,
        build: match build {
            Some(build) => Some(Numbers::parse(build)?),
            None => None,
        },
    })
}

/// One to four numbers. How many were written does not count.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    numbers: [u64; 4],
    written: usize,
}

impl Numbers {
    fn parse(text: &str) -> Option<Self> {
        let (mut numbers, mut written) = ([0; 4], 0);
        for part in text.split('.') {
            *numbers.get_mut(written)? = number::padded(part)?;
            written += 1;
        }
        Some(Self { numbers, written })
    }
}

impl Ord for Numbers {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }
}

impl PartialOrd for Numbers {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Numbers {}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.numbers.iter().take(self.written).enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{number}")?;
        }
        Ok(())
    }
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
            "1.2.0-rc.1",
            "1.2.0 (0)",
            "1.2.0 (9)",
            "1.2.0 (345)",
            "1.2.0 (345.1)",
            "1.2.0 (345.1.0.7)",
            "1.2.0 (345.2)",
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
            ("1.2.0 (345)", "1.2.0 (345.0)"),
            ("1.2.0-beta", "1.2.0"),
            ("1.2.0-debug", "1.2.0"),
            ("2024.11.5-beta2", "2024.11.5"),
            ("2024.6.1-5200", "2024.6.1"),
            ("1.2.0-rc.1 (345)", "1.2.0 (345)"),
            ("v1.2.0-beta+345", "1.2.0 (345)"),
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
    fn a_version_of_a_policy_without_a_build_is_about_every_build() {
        for (policy, client, includes) in [
            ("1.3.7", "1.3.7 (345)", true),
            ("1.3.7", "1.3.7-debug", true),
            ("1.3.7", "1.3.7", true),
            ("1.3.7 (345)", "1.3.7 (345)", true),
            ("1.3.7 (345)", "1.3.7 (346)", false),
            ("1.3.7 (345)", "1.3.7", false),
            ("1.3.7", "1.3.7.1 (345)", false),
        ] {
            let found = version(policy).includes(&version(client));

            assert_eq!(found, includes, "{policy}, {client}");
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
            "1.2.0 (1.2.3.4.5)",
            "1.2.0 (x)",
            "1.2.0-",
            "1.2.0- (3)",
            "1.2.0-a b",
            "1.2.0-ä",
            "1.2.0-a\u{7}",
            "-1",
            "18446744073709551616",
        ] {
            assert!(bad.parse::<AppVersion>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(
            numbers in vec(any::<u64>(), 1..=4),
            build in vec(any::<u64>(), 0..=4),
        ) {
            let text = |numbers: &[u64]| {
                numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
            };
            let (text, build) = (text(&numbers), text(&build));
            let text = if build.is_empty() { text } else { format!("{text} ({build})") };

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
