//! `cargo xtask soak`: builds the examples and the clients that they have to outlast, and lets those run.

use std::process::Command;

use crate::command::{build, step};
use crate::failure::Failure;
use crate::prerequisites;

/// Runs for these seconds, or for as long as the program does by default.
///
/// # Errors
///
/// When something cannot be built, or anything was wrong.
pub(crate) fn run(seconds: Option<&str>) -> Result<(), Failure> {
    prerequisites::install_for_soak()?;
    let folder = build("build the examples", "soak", &PACKAGES)?;
    let mut soak = Command::new(folder.join("soak"));
    step("soak", soak.args(seconds))
}

const PACKAGES: [&str; 6] = [
    "--package",
    "gateway",
    "--package",
    "tonic-service",
    "--package",
    "tower-edge-soak",
];
