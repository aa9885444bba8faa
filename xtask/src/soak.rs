//! `cargo xtask soak`: the gateway under all traffic at once, for as long as is asked.

use std::process::Command;

use crate::command::{build_release, step};
use crate::failure::Failure;

/// The seconds in `soak` or `soak SECONDS`; `None` where the task is another.
pub(crate) fn seconds(task: &str) -> Option<u64> {
    let rest = task.strip_prefix("soak")?;
    if rest.is_empty() {
        return Some(SECONDS);
    }
    let seconds = rest.strip_prefix(' ')?.parse().ok()?;
    (seconds > 0).then_some(seconds)
}

/// Builds the gateway and its clients, and lets them run.
///
/// # Errors
///
/// When something is wrong with what the gateway did; the clients have printed it.
pub(crate) fn run(seconds: u64) -> Result<(), Failure> {
    let packages = ["--package", "gateway", "--package", "tower-edge-soak"];
    let folder = build_release("build the gateway and its clients", &packages)?;
    let mut soak = Command::new(folder.join("soak"));
    soak.arg(folder.join("gateway")).arg(seconds.to_string());
    step("soak", &mut soak)
}

/// Long enough for a leak to show, and for a server to end the clients that read nothing.
const SECONDS: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_minute_unless_a_number_is_named() {
        assert_eq!(seconds("soak"), Some(60));
        assert_eq!(seconds("soak 5"), Some(5));
    }

    #[test]
    fn no_other_task_is_a_soak() {
        for task in [
            "", "test", "soaked", "soak ", "soak 0", "soak -1", "soak 5 6",
        ] {
            assert_eq!(seconds(task), None, "{task}");
        }
    }
}
