//! `cargo xtask mutants REVISION`: changes the code that differs from the revision, in one place at a time, and fails if no
//! test fails.
//!
//! cargo-mutants makes the changes; `.cargo/mutants.toml` has which, and what they are built with. Unit tests of the
//! changed package run first. Tests of several packages take far longer to build, so they run only for changes that are
//! left.

use std::fs;
use std::process::Command;

use crate::command::{cargo, output, root, step};
use crate::failure::Failure;
use crate::{packages, prerequisites};

/// Takes a revision as git does, such as `origin/main`.
///
/// # Errors
///
/// When something is missing, the revision is unknown, or no test fails with one of the changes.
pub(crate) fn run(revision: &str) -> Result<(), Failure> {
    prerequisites::install()?;
    packages::install()?;
    let mut git = Command::new("git");
    git.args([
        "diff",
        "--no-color",
        "--no-ext-diff",
        "--merge-base",
        revision,
        "--",
        "crates",
    ]);
    let diff = output("git diff", git.current_dir(root()))?;
    let path = root().join("target/mutants.diff");
    fs::write(&path, diff).map_err(|cause| Failure::Write {
        path: path.display().to_string(),
        cause,
    })?;
    let unit = step("unit tests of the package", &mut mutants(&UNIT));
    if !has_ended_with(&unit, &[MISSED, TIMEOUT]) {
        return unit;
    }
    let integration = step("tests of several packages", &mut mutants(&INTEGRATION));
    // A test that does not end has noticed the change too. The exit code says so, also if others are missed.
    let missed = fs::read_to_string(root().join("target/mutants.out/missed.txt"));
    if has_ended_with(&integration, &[TIMEOUT]) && missed.is_ok_and(|missed| missed.is_empty()) {
        return Ok(());
    }
    integration
}

fn has_ended_with(done: &Result<(), Failure>, codes: &[i32]) -> bool {
    let Err(Failure::Step { status, .. }) = done else {
        return false;
    };
    status.code().is_some_and(|code| codes.contains(&code))
}

fn mutants(args: &[&str]) -> Command {
    let mut mutants = cargo(&["mutants", "--in-diff", "target/mutants.diff"]);
    mutants.args(args);
    // One folder, so that the second step builds no dependency again.
    mutants.env("CARGO_TARGET_DIR", root().join("target/mutants"));
    mutants
}

/// What cargo-mutants exits with when no test has failed, and when all have failed or not ended.
const MISSED: i32 = 2;
const TIMEOUT: i32 = 3;

const UNIT: [&str; 2] = ["--", "--lib"];

/// Those that take seconds.
const INTEGRATION: [&str; 15] = [
    "--iterate",
    "--test-package=tower-edge-tests",
    "--baseline=skip",
    "--timeout=600",
    "--",
    "--test=dashboards",
    "--test=derive",
    "--test=golden",
    "--test=layers",
    "--test=mcp",
    "--test=redis",
    "--test=reference",
    "--test=regressions",
    "--test=stores",
    "--test=wire",
];
