use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use ::semver::Version;

use super::super::ParseVersionError;

/// A version such as `1.2.0` or `2.0.0-rc.1`, ordered by [Semantic
/// Versioning](https://semver.org/#spec-item-11): a pre-release comes before its release, and build
/// metadata does not count.
///
/// To read three plain numbers allocates nothing, nor does a pre-release or build of up to 8 bytes; one
/// that is longer is an allocation, and so a version is two at most, of 64 bytes or fewer in a gate.
///
/// ```
/// use tower_edge::version_gate::SemVer;
///
/// let minimum: SemVer = "1.2.0".parse()?;
///
/// assert!("1.10.0".parse::<SemVer>()? > minimum);
/// assert!("1.2.0-rc.1".parse::<SemVer>()? < minimum);
/// assert_eq!("1.2.0+build.7".parse::<SemVer>()?, minimum);
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SemVer(Repr);

#[derive(Clone, Debug)]
enum Repr {
    /// Three numbers and nothing else, as nearly all versions are.
    Plain([u64; 3]),
    Full(Version),
}

impl SemVer {
    /// Whether it comes before a release, as `2.0.0-rc.1` does.
    #[must_use]
    pub fn is_pre_release(&self) -> bool {
        match &self.0 {
            Repr::Plain(_) => false,
            Repr::Full(version) => !version.pre.is_empty(),
        }
    }

    /// The release that it comes before or is: `2.0.0` for `2.0.0-rc.1`.
    ///
    /// A scheme that reads this admits whoever tests the next release of the minimum:
    ///
    /// ```
    /// use tower_edge::version_gate::{Scheme, SemVer, VersionGateLayer};
    ///
    /// struct Releases;
    ///
    /// impl Scheme for Releases {
    ///     type Version = SemVer;
    ///
    ///     fn parse(&self, text: &str) -> Option<SemVer> {
    ///         text.parse().ok().map(|version: SemVer| version.release())
    ///     }
    /// }
    ///
    /// let minimum: SemVer = "2.0.0".parse()?;
    /// assert!(Releases.parse("2.0.0-rc.1") >= Some(minimum));
    /// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
    /// ```
    #[must_use]
    pub fn release(&self) -> Self {
        Self(Repr::Plain(self.numbers()))
    }

    const fn numbers(&self) -> [u64; 3] {
        match &self.0 {
            Repr::Plain(numbers) => *numbers,
            Repr::Full(version) => [version.major, version.minor, version.patch],
        }
    }
}

impl FromStr for SemVer {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        if let Some(numbers) = plain(text) {
            return Ok(Self(Repr::Plain(numbers)));
        }
        let error = ParseVersionError::expected("MAJOR.MINOR.PATCH, as in 1.2.0");
        let version = text.parse().map(Repr::Full);
        version.map(Self).map_err(|_| error)
    }
}

impl Ord for SemVer {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_numbers = self.numbers().cmp(&other.numbers());
        by_numbers.then_with(|| match (&self.0, &other.0) {
            (Repr::Full(one), Repr::Full(other)) => one.pre.cmp(&other.pre),
            // No pre-release comes after each that there is.
            _ => other.is_pre_release().cmp(&self.is_pre_release()),
        })
    }
}

impl PartialOrd for SemVer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SemVer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for SemVer {}

impl fmt::Display for SemVer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Plain([major, minor, patch]) => write!(f, "{major}.{minor}.{patch}"),
            Repr::Full(version) => version.fmt(f),
        }
    }
}

/// Three short numbers with dots between; whatever is rarer is left to the crate that knows it all.
fn plain(text: &str) -> Option<[u64; 3]> {
    let (major, rest) = number(text.as_bytes())?;
    let (minor, rest) = number(rest.strip_prefix(b".")?)?;
    let (patch, rest) = number(rest.strip_prefix(b".")?)?;
    rest.is_empty().then_some([major, minor, patch])
}

/// A number without zeros before it and of few digits, and what is behind it.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let (first, mut rest) = text.split_first()?;
    let mut number = u64::from(digit(*first)?);
    while let Some((next, behind)) = rest.split_first()
        && let Some(digit) = digit(*next)
    {
        if number == 0 || number >= MANY {
            return None;
        }
        number = number * 10 + u64::from(digit);
        rest = behind;
    }
    Some((number, rest))
}

fn digit(byte: u8) -> Option<u8> {
    let digit = byte.wrapping_sub(b'0');
    (digit < 10).then_some(digit)
}

/// Far from where ten times a number overflows.
const MANY: u64 = 1 << 53;

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::proptest;

    use super::*;

    fn version(text: &str) -> SemVer {
        text.parse().unwrap()
    }

    #[test]
    fn orders_by_number_not_by_text() {
        assert!(version("1.10.0") > version("1.9.0"));
        assert!(version("10.0.0") > version("9.99.99"));
    }

    // SemVer 2.0.0, item 11: build metadata does not figure into precedence.
    #[test]
    fn build_metadata_does_not_count() {
        assert_eq!(version("1.2.3+a"), version("1.2.3+b"));
    }

    #[test]
    fn refuses_what_is_not_three_plain_numbers() {
        for bad in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "+1.2.3",
            "1. 2.3",
            "01.2.3",
            "99999999999999999999.0.0",
            "v1.2.3",
        ] {
            assert!(bad.parse::<SemVer>().is_err(), "{bad:?}");
        }
    }

    // SemVer 2.0.0, item 11: the example of precedence.
    #[test]
    fn orders_pre_releases_as_semver_does() {
        let ascending = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1-0",
        ];

        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn knows_the_release_behind_a_pre_release() {
        for text in ["2.0.0-rc.1", "2.0.0-rc.1+a", "2.0.0+a", "2.0.0"] {
            assert_eq!(version(text).release().to_string(), "2.0.0");
        }
        assert!(version("2.0.0-rc.1").is_pre_release());
        assert!(!version("2.0.0+a").is_pre_release());
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(
            text in "(0|[1-9][0-9]{0,20})\\.(0|[1-9][0-9]{0,5})\\.(0|[1-9][0-9]{0,5})(-[a-z][a-z0-9]{0,12})?(\\+[a-z]{1,9})?",
        ) {
            if let Ok(version) = text.parse::<SemVer>() {
                assert_eq!(version.to_string(), text);
            }
        }

        #[test]
        fn is_ordered_as_its_numbers_are(one: [u64; 3], other: [u64; 3]) {
            let read = |[major, minor, patch]: [u64; 3]| version(&format!("{major}.{minor}.{patch}"));

            assert_eq!(read(one).cmp(&read(other)), one.cmp(&other));
        }

        // The short way and the crate's must agree on every text, and on the order of every two.
        #[test]
        fn reads_exactly_what_the_crate_reads(text in "[0-9.]{0,21}|[0-2]{1,2}\\.[0-2]{1,2}\\.[0-2]{1,2}(-[0a]{1,2})?") {
            let theirs = text.parse::<Version>();

            assert_eq!(text.parse::<SemVer>().is_ok(), theirs.is_ok(), "{text}");
        }

        #[test]
        fn orders_exactly_as_the_crate_orders(
            one in "[01]\\.[01]\\.[01](-[ab1]{1,2})?(\\+a)?",
            other in "[01]\\.[01]\\.[01](-[ab1]{1,2})?(\\+a)?",
        ) {
            let theirs = |text: &str| text.parse::<Version>().unwrap();

            let order = theirs(&one).cmp_precedence(&theirs(&other));

            assert_eq!(version(&one).cmp(&version(&other)), order);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = text.parse::<SemVer>();
        }
    }
}
