//! Rules that a word or a number decides.

use super::source::{Finding, Source};

/// A file that has grown past this has more than one subject.
pub(super) fn length(source: &Source) -> Vec<Finding> {
    let lines = source.lines();
    if lines <= LONGEST {
        return Vec::new();
    }
    vec![source.finding(0, format!("{lines} lines: a file has {LONGEST} at most"))]
}

/// What is not written yet does not look as if it were.
pub(super) fn placeholders(source: &Source) -> Vec<Finding> {
    let macros = ["todo!", "unimplemented!"].into_iter();
    macros
        .flat_map(|name| uses(source.code(), name))
        .map(|at| source.finding(at, "no placeholders: write it, or leave it out"))
        .collect()
}

/// A test that does not run is worth less than none.
pub(super) fn ignored_tests(source: &Source) -> Vec<Finding> {
    let ignored = source.code().match_indices("#[ignore");
    ignored
        .map(|(at, _)| source.finding(at, "no ignored tests: mend it or delete it"))
        .collect()
}

/// A sleeping test is slow on a good day and fails on a bad one. Under a paused clock tokio's sleep
/// takes no time.
pub(super) fn sleeping_tests(source: &Source) -> Vec<Finding> {
    let Some(tests) = source.tests() else {
        return Vec::new();
    };
    let paused = source.code().contains("start_paused = true");
    let sleeps: &[_] = if paused {
        &["thread::sleep"]
    } else {
        &["thread::sleep", "time::sleep"]
    };
    sleeps
        .iter()
        .flat_map(|name| uses(source.code(), name))
        .filter(|at| *at >= tests)
        .map(|at| source.finding(at, "tests do not sleep: pause or fake the time"))
        .collect()
}

/// Where this name stands as a whole word.
fn uses<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(name)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = code[..*at].chars().next_back();
            let after = code[at + name.len()..].chars().next();
            !before.is_some_and(is_of_a_word)
                && (name.ends_with('!') || !after.is_some_and(is_of_a_word))
        })
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

const LONGEST: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_500_lines_and_no_more() {
        assert!(length(&Source::new("a.rs", "\n".repeat(500))).is_empty());
        assert_eq!(length(&Source::new("a.rs", "\n".repeat(501))).len(), 1);
    }

    #[test]
    fn finds_placeholders_in_code_alone() {
        let code =
            "fn a() {\n    todo!()\n}\nfn b() {\n    std::unimplemented!(\"todo!\") // todo!\n}\n";

        let found = placeholders(&Source::new("a.rs", code));

        let places: Vec<_> = found.into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["a.rs:2", "a.rs:5"]);
        assert!(placeholders(&Source::new("a.rs", "my_todo!()")).is_empty());
    }

    #[test]
    fn finds_ignored_tests_with_and_without_a_reason() {
        let code = "#[ignore]\nfn a() {}\n#[ignore = \"slow\"]\nfn b() {}\n";

        assert_eq!(ignored_tests(&Source::new("a.rs", code)).len(), 2);
    }

    #[test]
    fn finds_sleeps_in_tests_but_not_in_what_they_test() {
        let sleep = "fn a() { thread::sleep(b); tokio::time::sleep(c) }\n";

        assert_eq!(
            sleeping_tests(&Source::new("tests/src/wire.rs", sleep)).len(),
            2
        );
        assert_eq!(
            sleeping_tests(&Source::new("tests/a.rs", "use tokio::time::sleep;")).len(),
            1
        );
        assert!(sleeping_tests(&Source::new("examples/a/src/main.rs", sleep)).is_empty());
        let below = format!("{sleep}mod tests {{ {sleep} }}");
        assert_eq!(sleeping_tests(&Source::new("src/a.rs", below)).len(), 2);
    }

    #[test]
    fn a_sleep_under_a_paused_clock_is_none() {
        let code = "#[tokio::test(start_paused = true)] fn a() { tokio::time::sleep(b); thread::sleep(c) }";

        assert_eq!(sleeping_tests(&Source::new("tests/a.rs", code)).len(), 1);
    }

    #[test]
    fn knows_other_words_that_begin_alike() {
        let code = "fn a() { time::sleep_until(b); daytime::sleep() }";

        assert!(sleeping_tests(&Source::new("tests/a.rs", code)).is_empty());
    }
}
