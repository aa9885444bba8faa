//! What four processes have let through on one Redis, whatever failed, against the bounds that `tower-edge-redis` documents.
//!
//! A seed chooses the mode, the kind of fault and when it strikes. Each process prints its requests with the times before
//! and after. Three checks follow:
//!
//! - [`bounds`]: in no window was more let through than the mode allows;
//! - [`withheld`]: no client was rejected below its limit, and the server decides again after the last fault;
//! - [`settled`]: once nobody asks, the server has counted what it has let through.
//!
//! Threads and processes run at their own times, so that a seed may take several attempts to fail again. To repeat a run,
//! to do more of them, and to see the table:
//!
//! ```sh
//! EDGE_HISTORY_SEED=17 cargo test -p tower-edge-tests --test history
//! EDGE_HISTORY_RUNS=1000 cargo test -p tower-edge-tests --test history -- --nocapture
//! ```
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod bounds;
mod faults;
mod fleet;
mod found;
mod history;
mod machine;
mod runs;
mod scenario;
mod settled;
mod table;
mod withheld;

use std::env;
use std::fmt::Write as _;

use crate::table::Table;

/// A process of the fleet is this test in a process of its own.
#[test]
fn machines_let_through_what_the_documentation_states_whatever_fails() {
    if let Ok(arguments) = env::var(machine::ARGUMENTS) {
        return machine::run(&arguments);
    }
    let number = |name| env::var(name).ok().map(|text| text.parse().unwrap());
    let seeds = match (number("EDGE_HISTORY_SEED"), number("EDGE_HISTORY_RUNS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, runs) => 0..runs.unwrap_or(RUNS),
    };

    let results = runs::all(seeds);

    let mut table = Table::default();
    let mut violations = String::new();
    for (seed, result) in results {
        match result {
            Ok(report) => table.add(&report),
            Err(why) => {
                let _ = writeln!(violations, "seed {seed}: {why}");
                let _ = writeln!(violations, "  {}", runs::command(seed));
            }
        }
    }
    println!("{table}");
    assert!(violations.is_empty(), "\n{violations}");
}

/// In about twenty seconds.
const RUNS: u64 = 20;
