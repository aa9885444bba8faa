use std::fmt;
use std::str::FromStr;

use super::super::{ParseVersionError, Version};
use super::number;

/// A version such as `a.1.0-49`: stage, major, minor and build.
///
/// ```
/// use tower_edge::version_gate::Staged;
///
/// let minimum: Staged = "a.1.0-9".parse()?;
///
/// assert!("a.1.0-49".parse::<Staged>()? > minimum);
/// assert!("b.0.1-1".parse::<Staged>()? > minimum);
/// # Ok::<(), tower_edge::version_gate::ParseVersionError>(())
/// ```
///
/// The stages are `a` (alpha), `b` (beta) and `r` (release), in this order, whatever the numbers. A version with
/// another stage is malformed.
// The order of the fields is the order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Staged {
    /// The letters of the stages are in the order of the alphabet.
    stage: char,
    major: u64,
    minor: u64,
    build: u64,
}

impl Version for Staged {}

impl FromStr for Staged {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        parse(text).ok_or(ParseVersionError::expected(
            "STAGE.MAJOR.MINOR-BUILD, as in a.1.0-49",
        ))
    }
}

impl fmt::Display for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, major, minor) = (self.stage, self.major, self.minor);
        write!(f, "{stage}.{major}.{minor}-{}", self.build)
    }
}

fn parse(text: &str) -> Option<Staged> {
    let (stage, rest) = text.split_once('.')?;
    let (major, rest) = rest.split_once('.')?;
    let (minor, build) = rest.split_once('-')?;
    Some(Staged {
        stage: stage.parse().ok().filter(|stage| "abr".contains(*stage))?,
        major: number::plain(major)?,
        minor: number::plain(minor)?,
        build: number::plain(build)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::proptest;
    use proptest::sample::select;

    use super::*;

    fn version(text: &str) -> Staged {
        text.parse().unwrap()
    }

    #[test]
    fn orders_by_number_not_by_text() {
        assert!(version("a.1.0-49") > version("a.1.0-9"));
        assert!(version("a.1.10-1") > version("a.1.9-50"));
        assert!(version("a.10.0-1") > version("a.9.0-1"));
    }

    #[test]
    fn a_later_stage_is_later_whatever_the_numbers() {
        assert!(version("b.0.0-1") > version("a.9.9-9"));
        assert!(version("r.0.0-1") > version("b.9.9-9"));
    }

    #[test]
    fn writes_what_it_reads() {
        for text in ["a.1.0-49", "b.0.9-1", "r.4294967295.0-0"] {
            assert_eq!(version(text).to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_not_stage_and_three_plain_numbers() {
        for bad in [
            "",
            "a",
            "a.1",
            "a.1.0",
            "a.1.0-",
            "a.1.0-x",
            "x.1.0-1",
            "A.1.0-1",
            "a.01.0-1",
            "a.+1.0-1",
            "a.-1.0-1",
            "a.1.0-18446744073709551616",
            "a.1.0-1 ",
            " a.1.0-1",
            "a.1.0.0-1",
            "rc.1.0-1",
            ".1.0-1",
            "1.2.0",
        ] {
            assert!(bad.parse::<Staged>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn is_ordered_as_stage_and_numbers_are(
            one in (select(vec!["a", "b", "r"]), any::<[u64; 3]>()),
            other in (select(vec!["a", "b", "r"]), any::<[u64; 3]>()),
        ) {
            let read = |(stage, [major, minor, build]): (&str, [u64; 3])| {
                version(&format!("{stage}.{major}.{minor}-{build}"))
            };

            assert_eq!(read(one).cmp(&read(other)), one.cmp(&other));
        }

        #[test]
        fn writes_what_it_reads_whatever_it_is(text in "[abr]\\.[0-9]{1,11}\\.[0-9]{1,11}-[0-9]{1,11}") {
            if let Ok(version) = text.parse::<Staged>() {
                assert_eq!(version.to_string(), text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[abr0-9.-]{0,40}|.{0,80}") {
            let _ = text.parse::<Staged>();
        }
    }
}
