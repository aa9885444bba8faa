use std::fmt;
use std::str::FromStr;

use ::semver::{BuildMetadata, Version as Parsed};

use super::super::{ParseVersionError, Version};

/// A version such as `1.2.0` or `2.0.0-rc.1`, by [Semantic Versioning](https://semver.org/).
///
/// ```
/// use tower_edge::version_gate::SemVer;
///
/// let minimum: SemVer = "1.2.0".parse()?;
///
/// assert!("1.10.0".parse::<SemVer>()? > minimum);
/// assert!("1.2.0-rc.1".parse::<SemVer>()? < minimum);
/// assert_eq!("1.2.0+build.7".parse::<SemVer>()?, minimum);
/// assert_eq!(SemVer::new(1, 2, 0), minimum); // also in a constant
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
///
/// Versions are ordered by [item 11](https://semver.org/#spec-item-11): a pre-release comes before its release, and
/// build metadata does not count, and is not kept. Parsing is strict: `v1.2.0` and `1.2` are not versions.
/// [`AppVersion`](super::AppVersion) accepts them.
///
/// Parsing allocates only for a pre-release or build metadata of more than 8 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SemVer(Parsed);

impl Version for SemVer {}

impl SemVer {
    /// The version of these three numbers.
    #[must_use]
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self(Parsed::new(major, minor, patch))
    }

    /// The release that a pre-release comes before: `2.0.0` for `2.0.0-rc.1`, and for `2.0.0` itself.
    ///
    /// See [`Version`](super::super::Version) for a gate that admits pre-releases of its minimum.
    #[must_use]
    pub const fn release(&self) -> Self {
        Self(Parsed::new(self.0.major, self.0.minor, self.0.patch))
    }
}

impl FromStr for SemVer {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let error = ParseVersionError::expected("MAJOR.MINOR.PATCH, as in 1.2.0");
        let version = plain(text).or_else(|| {
            let mut version: Parsed = text.parse().ok()?;
            version.build = BuildMetadata::EMPTY;
            Some(version)
        });
        version.map(Self).ok_or(error)
    }
}

impl fmt::Display for SemVer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Parses three numbers of at most 18 digits, which nearly all versions are. The `semver` crate parses the others, and
/// takes longer.
fn plain(text: &str) -> Option<Parsed> {
    let mut numbers = [0_u64; 3];
    let (mut place, mut digits) = (0, 0);
    for byte in text.bytes() {
        let number = numbers.get_mut(place)?;
        match byte {
            b'.' if digits > 0 => (place, digits) = (place + 1, 0),
            b'0'..=b'9' if digits == 0 || *number > 0 && digits < 18 => {
                *number = *number * 10 + u64::from(byte - b'0');
                digits += 1;
            }
            _ => return None,
        }
    }
    let [major, minor, patch] = numbers;
    (place == 2 && digits > 0).then(|| Parsed::new(major, minor, patch))
}

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
        assert_eq!(version("1.2.3+a").to_string(), "1.2.3");
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
    fn a_pre_release_has_the_release_that_it_comes_before() {
        for text in ["2.0.0-rc.1", "2.0.0-rc.1+a", "2.0.0+a", "2.0.0"] {
            assert_eq!(version(text).release().to_string(), "2.0.0");
        }
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(
            text in "(0|[1-9][0-9]{0,20})\\.(0|[1-9][0-9]{0,5})\\.(0|[1-9][0-9]{0,5})(-[a-z][a-z0-9]{0,12})?",
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
            let theirs = text.parse::<Parsed>();

            assert_eq!(text.parse::<SemVer>().is_ok(), theirs.is_ok(), "{text}");
        }

        #[test]
        fn orders_exactly_as_the_crate_orders(
            one in "[01]\\.[01]\\.[01](-[ab1]{1,2})?(\\+a)?",
            other in "[01]\\.[01]\\.[01](-[ab1]{1,2})?(\\+a)?",
        ) {
            let theirs = |text: &str| text.parse::<Parsed>().unwrap();

            let order = theirs(&one).cmp_precedence(&theirs(&other));

            assert_eq!(version(&one).cmp(&version(&other)), order);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = text.parse::<SemVer>();
        }
    }
}
