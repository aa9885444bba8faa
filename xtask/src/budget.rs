//! `cargo xtask budget`: compares what a request costs with what it may cost. `benches` counts, and has the limits.

use std::process::Command;

use crate::command::{cargo, step};
use crate::failure::Failure;
use crate::prerequisites;

/// # Errors
///
/// When a limit is exceeded, or something cannot be counted.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::install_for_budget()?;
    step("count what a request costs", &mut counter("check"))
}

/// The program that counts, built anew, without what the benches and tests beside it would turn on.
pub(crate) fn counter(task: &str) -> Command {
    let mut run = cargo(&["run", "--release", "--locked", "--quiet"]);
    run.args(["--package", "tower-edge-benches", "--bin", "budget", task]);
    run
}
