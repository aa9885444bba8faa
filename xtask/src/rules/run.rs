//! Reads the repository's files and holds every rule against each.

use std::fs;
use std::process::Command;

use super::facade::facade;
use super::siblings::siblings;
use super::source::{Finding, Source};
use super::words::{ignored_tests, length, placeholders, sleeping_tests};
use crate::command::{output, root};
use crate::failure::Failure;

/// Prints each place that breaks a rule.
///
/// # Errors
///
/// When there is such a place, or when git or a file cannot be read.
pub(crate) fn run() -> Result<(), Failure> {
    let mut broken = 0;
    for path in rust_files()? {
        let text = fs::read_to_string(root().join(&path)).map_err(|cause| Failure::Read {
            path: path.clone(),
            cause,
        })?;
        for Finding { place, rule } in findings(&Source::new(path, text)) {
            println!("{place}: {rule}");
            broken += 1;
        }
    }
    if broken == 0 {
        Ok(())
    } else {
        Err(Failure::Rules { broken })
    }
}

fn findings(source: &Source) -> Vec<Finding> {
    let mut findings = length(source);
    findings.extend(placeholders(source));
    findings.extend(ignored_tests(source));
    findings.extend(sleeping_tests(source));
    findings.extend(siblings(source));
    findings.extend(facade(source));
    findings
}

/// The files that git knows or would add, less those deleted since.
fn rust_files() -> Result<Vec<String>, Failure> {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        "*.rs",
    ]);
    let listed = output("git ls-files", git.current_dir(root()))?;
    let mut paths: Vec<_> = String::from_utf8_lossy(&listed)
        .split_terminator('\0')
        .filter(|path| root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.dedup();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_every_rule_against_a_file() {
        let layer = "crates/tower-edge/src/envelope/mod.rs";
        let sleepy =
            "#[ignore]\nmod tests { use crate::rate_limit; fn a() { thread::sleep(b); todo!() } }";
        let code = format!("{sleepy}{}", "\n".repeat(500));

        let found = findings(&Source::new(layer, code));

        assert_eq!(found.len(), 6, "{found:?}");
    }

    #[test]
    fn finds_nothing_in_a_clean_file() {
        assert_eq!(
            findings(&Source::new("src/a.rs", "//! A file.\n\nfn a() {}\n")),
            []
        );
    }
}
