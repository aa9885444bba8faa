use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use crate::command::{build_release, output};
use crate::failure::Failure;

/// What one request of a scenario costs, the making of the request included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    pub(crate) allocations: i64,
    pub(crate) instructions: i64,
}

/// The program that holds the scenarios, built anew.
///
/// # Errors
///
/// When it cannot be built.
pub(crate) fn build() -> Result<PathBuf, Failure> {
    let package = ["--package", "tower-edge-benches", "--bin", "scenarios"];
    let folder = build_release("build the scenarios", &package)?;
    Ok(folder.join("scenarios"))
}

/// The costs of all scenarios by their names.
///
/// # Errors
///
/// When the program or valgrind fails, or says what cannot be understood.
pub(crate) fn costs(program: &Path) -> Result<BTreeMap<String, Cost>, Failure> {
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
pub(crate) fn times(program: &Path) -> Result<BTreeMap<String, f64>, Failure> {
    printed(program, "times")
}

/// How many bytes a key takes in a store, against the number of keys in it.
#[derive(Debug, PartialEq)]
pub(crate) struct Memory {
    pub(crate) store: String,
    pub(crate) points: Vec<(u64, f64)>,
}

/// Of our store, and of others.
///
/// # Errors
///
/// When the program fails, or says what cannot be understood.
pub(crate) fn memory(program: &Path) -> Result<Vec<Memory>, Failure> {
    let printed = output("memory", Command::new(program).arg("memory"))?;
    memory_of(&String::from_utf8_lossy(&printed)).ok_or(Failure::Measurement)
}

fn memory_of(printed: &str) -> Option<Vec<Memory>> {
    let mut stores: Vec<Memory> = Vec::new();
    for line in printed.lines() {
        let mut words = line.split(' ');
        let store = words.next()?;
        let point = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        match stores.iter_mut().find(|known| known.store == store) {
            Some(known) => known.points.push(point),
            None => stores.push(Memory {
                store: store.to_owned(),
                points: vec![point],
            }),
        }
    }
    Some(stores)
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
    fn a_store_has_a_point_for_each_number_of_keys() {
        let stores = memory_of("a 10 1.5\nb 10 3\na 20 2\n").unwrap();

        assert_eq!(stores.len(), 2);
        assert_eq!(stores[0].points, [(10, 1.5), (20, 2.0)]);
        assert_eq!(memory_of("a 10"), None);
    }

    #[test]
    fn finds_the_total_in_the_summary() {
        assert_eq!(
            collected("==1== Events    : Ir\n==1== Collected : 216362446\n==1== \n"),
            Some(216_362_446)
        );
        assert_eq!(collected("==1== no such thing"), None);
    }
}
