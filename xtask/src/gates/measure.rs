use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use crate::command::cargo;
use crate::command::output;
use crate::command::root;
use crate::command::step;
use crate::failure::Failure;

/// What one request of a scenario costs, the making of the request included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cost {
    pub(super) allocations: i64,
    pub(super) instructions: i64,
}

/// The program that holds the scenarios, built anew.
///
/// # Errors
///
/// When it cannot be built.
pub(super) fn build() -> Result<PathBuf, Failure> {
    let package = [
        "build",
        "--release",
        "--locked",
        "--package",
        "tower-edge-benches",
        "--bin",
        "scenarios",
    ];
    step("build the scenarios", &mut cargo(&package))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("release").join("scenarios"))
}

/// The costs of all scenarios by their names.
///
/// # Errors
///
/// When the program or valgrind fails, or says what cannot be understood.
pub(super) fn costs(program: &PathBuf) -> Result<BTreeMap<String, Cost>, Failure> {
    let counted = output(
        "count allocations",
        Command::new(program).arg("allocations"),
    )?;
    let counted = String::from_utf8_lossy(&counted).into_owned();
    let mut costs = BTreeMap::new();
    for line in counted.lines() {
        let (name, allocations) = line.split_once(' ').ok_or(Failure::Measurement)?;
        let allocations = allocations.parse().map_err(|_| Failure::Measurement)?;
        let instructions = instructions(program, name)?;
        costs.insert(
            name.to_owned(),
            Cost {
                allocations,
                instructions,
            },
        );
    }
    Ok(costs)
}

/// The instructions of one request, counted by callgrind over many of them.
fn instructions(program: &PathBuf, name: &str) -> Result<i64, Failure> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args([
            "--tool=callgrind",
            "--collect-atstart=no",
            "--toggle-collect=*measured_region*",
        ])
        .args(["--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["run", name])
        .stderr(Stdio::piped());
    let output = valgrind.output().map_err(|cause| Failure::Start {
        program: "valgrind".to_owned(),
        cause,
    })?;
    let requests: i64 = String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| Failure::Measurement)?;
    let total = collected(&String::from_utf8_lossy(&output.stderr)).ok_or(Failure::Measurement)?;
    Ok(total / requests.max(1))
}

/// The total in callgrind's summary.
fn collected(summary: &str) -> Option<i64> {
    let line = summary
        .lines()
        .find_map(|line| line.split_once("Collected : "))?;
    line.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_total_in_the_summary() {
        assert_eq!(
            collected("==1== Events    : Ir\n==1== Collected : 216362446\n==1== \n"),
            Some(216_362_446)
        );
        assert_eq!(collected("==1== no such thing"), None);
    }
}
