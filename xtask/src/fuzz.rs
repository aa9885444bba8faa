//! `cargo xtask fuzz MINUTES`: runs every fuzz target, all of them within that time.
//!
//! `.ci/run fuzz` installs what they need, builds them, and runs two at a time.

use std::fs;
use std::process::Command;

use crate::command::{root, step};
use crate::failure::Failure;

/// Gives each target an equal part of the minutes.
///
/// # Errors
///
/// When the targets cannot be listed or built, or one of them finds something.
pub(crate) fn run(minutes: u64) -> Result<(), Failure> {
    let path = root().join("fuzz/fuzz_targets");
    let targets = fs::read_dir(&path).map_err(|cause| Failure::Read {
        path: path.display().to_string(),
        cause,
    })?;
    let seconds = seconds(minutes, targets.count() as u64);
    let mut fuzz = Command::new("bash");
    fuzz.args([".ci/run", "fuzz"]).current_dir(root());
    fuzz.env("FUZZ_SECONDS", seconds.to_string());
    step(&format!("{seconds} s for each fuzz target"), &mut fuzz)
}

/// The time of each target, as two run at a time. At least a second, as 0 is no limit.
fn seconds(minutes: u64, targets: u64) -> u64 {
    let rounds = targets.div_ceil(2).max(1);
    (minutes.saturating_mul(60) / rounds).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_share_the_time_two_by_two() {
        assert_eq!(seconds(10, 17), 66);
        assert_eq!(seconds(10, 2), 600);
        assert_eq!(seconds(0, 17), 1);
    }
}
