use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::str::FromStr;

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
pub(super) fn costs(program: &Path) -> Result<BTreeMap<String, Cost>, Failure> {
    let counted: BTreeMap<String, i64> = printed(program, "allocations")?;
    let mut costs = BTreeMap::new();
    for (name, allocations) in counted {
        let instructions = instructions(program, &name)?;
        let cost = Cost {
            allocations,
            instructions,
        };
        costs.insert(name, cost);
    }
    Ok(costs)
}

/// The nanoseconds that one request of each scenario takes.
///
/// # Errors
///
/// When the program fails, or says what cannot be understood.
pub(super) fn times(program: &Path) -> Result<BTreeMap<String, f64>, Failure> {
    printed(program, "times")
}

fn printed<T: FromStr>(program: &Path, what: &str) -> Result<BTreeMap<String, T>, Failure> {
    let printed = output(what, Command::new(program).arg(what))?;
    let row = |line: &str| {
        let (name, number) = line.split_once(' ')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    let rows = String::from_utf8_lossy(&printed).lines().map(row).collect();
    Option::<BTreeMap<_, _>>::ok_or(rows, Failure::Measurement)
}

/// The instructions of one request, counted by callgrind over many of them.
fn instructions(program: &Path, name: &str) -> Result<i64, Failure> {
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
