//! Counts what a request costs, and compares it with the budget.
//!
//! | command | prints |
//! |---|---|
//! | `budget check` | each limit beside what was counted; fails when one is exceeded |
//! | `budget figures` | `NAME INSTRUCTIONS ALLOCATIONS NANOSECONDS` of each scenario on axum, for the plots |
//! | `budget memory` | `STORE KEYS BYTES`, what a key takes in a store of so many, for the plots |
//! | `budget run NAME` | nothing; callgrind counts the requests inside of `measured_region` |
//!
//! Callgrind counts instructions, and the allocator allocations: a busy machine changes neither. It
//! changes times, so no limit is on a time.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a command line tool prints"
)]

mod limits;

use std::alloc::System;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{Error, Result};
use std::process::{Command, ExitCode};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower_edge_benches::{
    REQUESTS, Scenario, layers, measured_region, peers, render, stores, telemetry, times,
};

use crate::limits::{CRATES, Cost, Row};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let words: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let result = with_timers().and_then(|runtime| {
        let _guard = runtime.enter();
        telemetry::install().map_err(Error::other)?;
        match *words {
            ["check"] => check(),
            ["figures"] => figures(),
            ["memory"] => memory(),
            ["run", name] => run(name),
            _ => Err(Error::other("usage: budget check|figures|memory|run NAME")),
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("budget: {error}");
            ExitCode::FAILURE
        }
    }
}

/// For the scenarios that wait.
fn with_timers() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
}

fn check() -> Result<()> {
    let mut costs = BTreeMap::new();
    for scenario in &mut scenarios() {
        if limits::budget().any(|limit| limit.needs(scenario.name())) {
            costs.insert(scenario.name().to_owned(), cost(scenario)?);
        }
    }
    let rows = limits::budget().map(|limit| limit.compare(&costs));
    let rows: Vec<Row> = rows.chain(crates()?).collect();
    for row in &rows {
        println!("{row}");
    }
    limits::check(&rows).map_err(Error::other)
}

fn figures() -> Result<()> {
    let mut scenarios = scenarios();
    scenarios.retain(|scenario| {
        ["/layered/", "/axum07/"]
            .iter()
            .any(|place| scenario.name().contains(place))
    });
    let nanos = times(&mut scenarios);
    for (scenario, nanos) in scenarios.iter_mut().zip(nanos) {
        let [instructions, allocations] = cost(scenario)?;
        let name = scenario.name();
        println!("{name} {instructions} {allocations} {nanos:.1}");
    }
    Ok(())
}

fn memory() -> Result<()> {
    for keys in stores::COUNTS {
        for store in stores::Store::OF_MEMORY {
            let region = Region::new(ALLOCATOR);
            let filled = store.filled(keys);
            let change = region.change();
            let bytes = change
                .bytes_allocated
                .saturating_sub(change.bytes_deallocated);
            drop(filled);
            println!("{} {keys} {:.1}", store.name(), bytes as f64 / keys as f64);
        }
    }
    Ok(())
}

/// Callgrind finds nothing to count where there is no such scenario.
fn run(name: &str) -> Result<()> {
    let mut scenarios = scenarios();
    if let Some(scenario) = scenarios.iter_mut().find(|other| other.name() == name) {
        scenario.run(WARM_UP);
        measured_region(scenario);
    }
    Ok(())
}

fn scenarios() -> Vec<Scenario> {
    let mut scenarios = layers::alone();
    scenarios.extend(layers::stacks());
    scenarios.extend(stores::scenarios());
    scenarios.extend(render::scenarios());
    scenarios.extend(peers::scenarios());
    scenarios.extend(peers::limiters());
    scenarios
}

/// Of one request, once all that is made only once is made. A reallocation is an allocation.
fn cost(scenario: &mut Scenario) -> Result<Cost> {
    scenario.run(WARM_UP);
    let region = Region::new(ALLOCATOR);
    scenario.run(REQUESTS);
    let change = region.change();
    let allocations = (change.allocations + change.reallocations) / REQUESTS;
    let instructions = instructions(scenario.name())? / REQUESTS;
    Ok([instructions as f64, allocations as f64])
}

/// Of all requests, counted by callgrind in another process of this program.
fn instructions(scenario: &str) -> Result<usize> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--collect-atstart=no", "--toggle-collect=*measured_region*"])
        .arg(env::current_exe()?)
        .args(["run", scenario])
        .output()
        .map_err(|cause| Error::other(format!("cannot run valgrind: {cause}")))?;
    let summary = String::from_utf8_lossy(&output.stderr);
    collected(&summary).ok_or_else(|| Error::other(format!("{scenario} is not counted: {summary}")))
}

/// The total in callgrind's summary; none where it never came into `measured_region`.
fn collected(summary: &str) -> Option<usize> {
    let (_, total) = summary.split_once("Collected : ")?;
    let total = total.lines().next()?.trim().parse().ok()?;
    (total > 0).then_some(total)
}

/// How many crates a user of the layers builds, and how many of them in two versions.
fn crates() -> Result<[Row; 2]> {
    let counted = tree(&["--prune", "governor", "--prune", "tokio"])?;
    let all = tree(&[])?;
    let names: BTreeSet<_> = all.iter().map(|(name, _)| name).collect();
    let twice = all.len() - names.len();
    let own = "crates of tower-edge, without governor's and tokio's";
    Ok([
        Row::count(own, counted.len(), CRATES),
        Row::count("crates of tower-edge in two versions", twice, 0),
    ])
}

/// The names and versions in `cargo tree`.
fn tree(arguments: &[&str]) -> Result<BTreeSet<(String, String)>> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["tree", "--locked", "--package", "tower-edge"])
        .args(["--edges", "normal,build", "--prefix", "none"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    if !output.status.success() {
        return Err(Error::other(String::from_utf8_lossy(&output.stderr)));
    }
    let listed = String::from_utf8_lossy(&output.stdout);
    let package = |line: &str| {
        let mut words = line.split(' ').map(ToOwned::to_owned);
        words.next().zip(words.next())
    };
    Ok(listed.lines().filter_map(package).collect())
}

const WARM_UP: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_summary_without_a_total_for_a_failure() {
        let summary = "==1== Events    : Ir\n==1== Collected : 216362446\n==1== \n";

        assert_eq!(collected(summary), Some(216_362_446));
        assert_eq!(collected("==1== Collected : 0"), None);
        assert_eq!(collected("==1== no such line"), None);
    }

    #[test]
    fn every_limit_is_on_scenarios_that_there_are() {
        let counted = scenarios()
            .iter()
            .map(|scenario| (scenario.name().to_owned(), [0.0; 2]))
            .collect();

        let rows: Vec<_> = limits::budget()
            .map(|limit| limit.compare(&counted))
            .collect();

        assert_eq!(limits::check(&rows), Ok(()));
    }
}
