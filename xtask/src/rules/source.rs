//! One file, as the rules see it.

use super::blank::blank;

/// A Rust file of this repository.
#[derive(Debug)]
pub(super) struct Source {
    path: String,
    text: String,
    code: String,
}

impl Source {
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            path: path.into(),
            code: blank(&text),
            text,
        }
    }

    /// The path from the root, with `/` between its parts.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    pub(super) fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// The text with blanks in place of its comments and literals.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// Where the tests of this file begin in its code: at once in a file of tests.
    pub(super) fn tests(&self) -> Option<usize> {
        let folders_and_name = self.path.split('/');
        if folders_and_name
            .into_iter()
            .any(|part| part == "tests" || part == "tests.rs")
        {
            Some(0)
        } else {
            self.code.find("mod tests {")
        }
    }

    /// Says that the rule is broken at this place of the code.
    pub(super) fn finding(&self, offset: usize, rule: impl Into<String>) -> Finding {
        let before = self.code.get(..offset).unwrap_or(&self.code);
        let line = before.matches('\n').count() + 1;
        Finding {
            place: format!("{}:{line}", self.path),
            rule: rule.into(),
        }
    }
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) place: String,
    pub(super) rule: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_from_one() {
        let source = Source::new("src/a.rs", "// é\nfn a() {}\n");
        let offset = source.code().find("fn").unwrap();

        assert_eq!(source.finding(0, "").place, "src/a.rs:1");
        assert_eq!(source.finding(offset, "").place, "src/a.rs:2");
    }

    #[test]
    fn knows_tests_by_their_folder_file_or_module() {
        let code = "fn a() {}\nmod tests {}\n";

        assert_eq!(Source::new("tests/src/wire.rs", code).tests(), Some(0));
        assert_eq!(
            Source::new("examples/gateway/tests/run.rs", code).tests(),
            Some(0)
        );
        assert_eq!(Source::new("src/gate/tests.rs", code).tests(), Some(0));
        assert_eq!(Source::new("src/gate.rs", code).tests(), code.find("mod"));
        assert_eq!(Source::new("src/gate.rs", "mod tests;").tests(), None);
    }
}
