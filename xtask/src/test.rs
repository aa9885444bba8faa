//! `cargo xtask test`: sets the machine up, then runs every test once.

use crate::command::{cargo, step};
use crate::failure::Failure;
use crate::prerequisites;

/// Installs what is missing and runs the steps in order, up to the first that fails.
///
/// # Errors
///
/// When something cannot be installed or a step fails.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::install()?;
    for (name, args) in STEPS {
        step(name, &mut cargo(args))?;
    }
    Ok(())
}

/// Plain `cargo test` would run the doctests in the first step; `--tests` leaves them to the second. Benches are
/// checked, not built: their time is spent by who measures.
const STEPS: [(&str, &[&str]); 3] = [
    (
        "unit, integration and example tests",
        &[
            "test",
            "--workspace",
            "--all-features",
            "--tests",
            "--examples",
        ],
    ),
    (
        "documentation tests",
        &["test", "--workspace", "--all-features", "--doc"],
    ),
    (
        "benches compile",
        &["check", "--workspace", "--all-features", "--benches"],
    ),
];
