use std::error::Error;
use std::fmt;

use super::staged::Name;
use super::{Scheme, Staged};

/// The stages of [`Staged`] versions by their names, the earliest first; a scheme for gates.
///
/// The default is `a` (alpha), `b` (beta) and `r` (release). A stage that is not among them makes a
/// version malformed, rather than early.
///
/// A gate with these stages puts the versions of its policies into their order, whoever has read them.
/// Compare no versions yourself that different stages have read.
///
/// ```
/// use tower_edge::version_gate::{Scheme, Stages, VersionGateLayer};
///
/// let stages = Stages::new(["dev", "a", "b", "rc", "r"])?;
///
/// let minimum = stages.parse("b.1.0-3");
/// assert!(stages.parse("rc.0.1-1") > minimum);
/// assert_eq!(stages.parse("nightly.2.0-1"), None);
///
/// let gate = VersionGateLayer::new("b.1.0-3".parse()?).with_scheme(stages)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stages(Vec<Name>);

impl Stages {
    /// These stages, in this order.
    ///
    /// # Errors
    ///
    /// When there is none or there are more than 255, when one is not 1 to 8 ASCII letters and digits,
    /// or when two are alike.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, StagesError> {
        let mut stages = Vec::new();
        for name in names {
            let error = || StagesError {
                name: Some(name.into()),
            };
            let stage = Name::new(name).ok_or_else(error)?;
            if stages.contains(&stage) || stages.len() >= usize::from(u8::MAX) {
                return Err(error());
            }
            stages.push(stage);
        }
        if stages.is_empty() {
            return Err(StagesError { name: None });
        }
        Ok(Self(stages))
    }
}

impl Scheme for Stages {
    type Version = Staged;

    fn parse(&self, text: &str) -> Option<Staged> {
        Staged::parse(text, &self.0)
    }

    fn rank(&self, version: &Staged) -> Option<Staged> {
        version.ranked_by(&self.0)
    }
}

impl Default for Stages {
    fn default() -> Self {
        Self(Name::DEFAULT.to_vec())
    }
}

/// The names of stages are not what they have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StagesError {
    name: Option<Box<str>>,
}

impl fmt::Display for StagesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let valid = "expected 1 to 255 different names of 1 to 8 ASCII letters and digits";
        match &self.name {
            Some(name) => write!(f, "stage {name:?} is not valid: {valid}"),
            None => write!(f, "there are no stages: {valid}"),
        }
    }
}

impl Error for StagesError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_ordered_as_they_are_listed() {
        let stages = Stages::new(["canary", "a", "b", "rc", "r"]).unwrap();
        let ascending = ["canary.9.9-9", "a.0.1-1", "b.0.0-0", "rc.0.0-0", "r.0.0-0"];

        for pair in ascending.windows(2) {
            assert!(stages.parse(pair[0]) < stages.parse(pair[1]), "{pair:?}");
        }
        for text in ascending {
            assert_eq!(stages.parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_version_that_others_have_read_is_ranked_anew() {
        let stages = Stages::new(["r", "a"]).unwrap();
        let read = |text: &str| text.parse::<Staged>().unwrap();

        for text in ["a.1.0-3", "r.1.0-3"] {
            assert_eq!(stages.rank(&read(text)), stages.parse(text), "{text}");
        }
        assert_eq!(stages.rank(&read("b.1.0-3")), None);
    }

    #[test]
    fn a_stage_that_is_not_listed_makes_no_version() {
        let stages = Stages::new(["a", "rc"]).unwrap();

        for bad in [
            "b.1.0-1",
            "r.1.0-1",
            "A.1.0-1",
            "RC.1.0-1",
            "rc\0.1.0-1",
            ".1.0-1",
        ] {
            assert_eq!(stages.parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn names_that_cannot_be_told_apart_or_read_are_refused() {
        let many: Vec<_> = (0..256).map(|number| number.to_string()).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        for (bad, said) in [
            ([].as_slice(), "there are no stages"),
            (&["a", "b", "a"], "stage \"a\""),
            (&[""], "stage \"\""),
            (&["a.b"], "stage \"a.b\""),
            (&["releasing"], "stage \"releasing\""),
            (&many, "stage \"255\""),
        ] {
            let error = Stages::new(bad.iter().copied()).unwrap_err().to_string();

            assert!(error.starts_with(said), "{error}");
            assert!(error.contains("expected 1 to 255"), "{error}");
        }
        assert!(Stages::new(many[..255].iter().copied()).is_ok());
    }
}
