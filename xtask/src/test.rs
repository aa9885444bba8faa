//! `cargo xtask test`: sets the machine up, then runs every test once; with `--long`, then for longer what finds more the
//! longer it runs.

use crate::command::{cargo, step};
use crate::failure::Failure;
use crate::prerequisites;

/// Installs what is missing and runs the steps in order, up to the first that fails.
///
/// # Errors
///
/// When something cannot be installed or a step fails.
pub(crate) fn run(is_long: bool) -> Result<(), Failure> {
    prerequisites::install()?;
    for (name, args) in STEPS {
        step(name, &mut cargo(args))?;
    }
    for (name, (variable, value), args) in LONG.iter().filter(|_| is_long) {
        step(name, cargo(args).env(variable, value))?;
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

/// With the variable that makes each longer than it is among the tests.
const LONG: [(&str, (&str, &str), &[&str]); 1] = [(
    "1,000 histories of machines and a Redis that fail",
    ("EDGE_HISTORY_RUNS", "1000"),
    &[
        "test",
        "--package",
        "tower-edge-tests",
        "--test",
        "history",
        "--",
        "--nocapture",
    ],
)];
