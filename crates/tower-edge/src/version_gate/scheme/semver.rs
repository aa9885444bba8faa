use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::ParseVersionError;

/// A version such as `1.2.0` or `2.0.0-rc.1`, ordered by [Semantic
/// Versioning](https://semver.org/#spec-item-11): a pre-release comes before its release, and build
/// metadata does not count.
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
pub struct SemVer(::semver::Version);

impl FromStr for SemVer {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        let error = ParseVersionError::expected("MAJOR.MINOR.PATCH, as in 1.2.0");
        text.parse().map(Self).map_err(|_| error)
    }
}

impl Ord for SemVer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
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
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
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
}
