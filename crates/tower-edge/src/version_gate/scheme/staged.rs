use std::fmt;
use std::str::FromStr;

use super::ParseVersionError;

/// A version such as `a.1.0-49`: stage, major, minor and build.
///
/// The stages are `a` (alpha), `b` (beta) and `r` (release), in this order; then the numbers count.
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
// The order of the fields is the order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Staged {
    stage: Stage,
    major: u32,
    minor: u32,
    build: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Alpha,
    Beta,
    Release,
}

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
        let stage = match self.stage {
            Stage::Alpha => 'a',
            Stage::Beta => 'b',
            Stage::Release => 'r',
        };
        write!(f, "{stage}.{}.{}-{}", self.major, self.minor, self.build)
    }
}

fn parse(text: &str) -> Option<Staged> {
    let (stage, rest) = text.split_once('.')?;
    let (major, rest) = rest.split_once('.')?;
    let (minor, build) = rest.split_once('-')?;
    let stage = match stage {
        "a" => Stage::Alpha,
        "b" => Stage::Beta,
        "r" => Stage::Release,
        _ => return None,
    };
    Some(Staged {
        stage,
        major: number(major)?,
        minor: number(minor)?,
        build: number(build)?,
    })
}

/// Digits without sign and leading zeros, so that one version is written in one way.
fn number(text: &str) -> Option<u32> {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
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
            "a.1.0-4294967296",
            "a.1.0-1 ",
            " a.1.0-1",
            "a.1.0.0-1",
            "1.2.0",
        ] {
            assert!(bad.parse::<Staged>().is_err(), "{bad:?}");
        }
    }
}
