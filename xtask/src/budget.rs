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
    for telemetry in ["", "tracing", "metrics"] {
        let name = format!("count what a request costs {telemetry}");
        step(name.trim_end(), &mut counter("check", telemetry))?;
    }
    Ok(())
}

/// The program that counts, built anew with this telemetry, without what the benches and tests beside it would turn on.
pub(crate) fn counter(task: &str, telemetry: &str) -> Command {
    let mut run = cargo(&["run", "--release", "--locked", "--quiet"]);
    run.args(["--package", "tower-edge-benches", "--bin", "budget"]);
    run.args(["--features", telemetry, task]);
    run
}
