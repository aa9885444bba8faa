//! What it costs to build something, crate by crate: cargo runs this very program in rustc's place.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use crate::command::{cargo_in, step};
use crate::failure::Failure;
use crate::proc_stat;

/// Builds the project in this folder anew, in release, and says how many CPU seconds each of its
/// crates took.
///
/// # Errors
///
/// When it does not build, or this machine does not tell how long a process took.
pub(crate) fn build_costs(project: &Path) -> Result<BTreeMap<String, f64>, Failure> {
    let costs = project.join("costs");
    let target = project.join("target");
    for old in [&costs, &target] {
        // What is not there need not go.
        let _ = fs::remove_file(old).or_else(|_| fs::remove_dir_all(old));
    }
    let this = env::current_exe().map_err(|cause| Failure::Start {
        program: "xtask".to_owned(),
        cause,
    })?;
    let mut build = cargo_in(project, &["build", "--release", "--quiet"]);
    build
        .env("RUSTC_WRAPPER", this)
        .env(COSTS, &costs)
        .env("CARGO_TARGET_DIR", target);
    step("build for its cost", &mut build)?;
    let lines = fs::read_to_string(&costs).map_err(|cause| Failure::Read {
        path: costs.display().to_string(),
        cause,
    })?;
    Ok(sums(&lines))
}

fn sums(lines: &str) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for (name, seconds) in lines.lines().filter_map(|line| line.split_once(' ')) {
        *sums.entry(name.to_owned()).or_default() += seconds.parse::<f64>().unwrap_or_default();
    }
    sums
}

/// Whether this process stands in rustc's place.
pub(crate) fn is_wanted() -> bool {
    env::var_os(COSTS).is_some()
}

/// Runs rustc and notes what it took. The first argument is rustc, the others are its own.
///
/// # Errors
///
/// When rustc cannot be run, fails, or what it took cannot be noted.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    let (rustc, rest) = arguments.split_first().ok_or(Failure::Measurement)?;
    let status = Command::new(rustc)
        .args(rest)
        .status()
        .map_err(|cause| Failure::Start {
            program: rustc.display().to_string(),
            cause,
        })?;
    if !status.success() {
        return Err(Failure::Step {
            name: "rustc".to_owned(),
            status,
        });
    }
    let name = rest
        .iter()
        .skip_while(|argument| *argument != "--crate-name")
        .nth(1);
    match name.and_then(|name| name.to_str()) {
        Some(name) if name != "___" => note(name),
        // Cargo asks rustc for its version.
        _ => Ok(()),
    }
}

fn note(name: &str) -> Result<(), Failure> {
    let failure = |cause| Failure::Read {
        path: "/proc/self/stat".to_owned(),
        cause,
    };
    let stat = fs::read_to_string("/proc/self/stat").map_err(failure)?;
    let seconds = proc_stat::children_seconds(&stat).ok_or(Failure::Measurement)?;
    let mut costs = OpenOptions::new()
        .append(true)
        .create(true)
        .open(env::var_os(COSTS).unwrap_or_default())
        .map_err(failure)?;
    costs
        .write_all(format!("{name} {seconds}\n").as_bytes())
        .map_err(failure)
}

const COSTS: &str = "XTASK_RUSTC_COSTS";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_is_built_twice_costs_both() {
        assert_eq!(
            sums("a 1.5\nb 1\na 2\n"),
            BTreeMap::from([("a".to_owned(), 3.5), ("b".to_owned(), 1.0)])
        );
    }
}
