//! Counts and times the scenarios for `cargo xtask gates` and `cargo xtask plot`.
//!
//! | command | prints |
//! |---|---|
//! | `scenarios allocations` | `NAME COUNT`, for one request of each |
//! | `scenarios run NAME` | the number of requests that were sent inside of `measured_region`, for callgrind to count |
//! | `scenarios times` | `NAME NANOSECONDS`, the median of interleaved rounds |
//! | `scenarios memory` | `STORE KEYS BYTES`, the memory per key of stores that hold so many keys |

use std::alloc::System;
use std::io::Write;
use std::process::ExitCode;
use std::{env, io};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower_edge_benches::{
    REQUESTS, Scenario, layers, measured_region, peers, render, stores, times,
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let _guard = runtime.enter();
    let mut out = io::stdout().lock();
    match env::args().nth(1).as_deref() {
        Some("allocations") => {
            for scenario in &mut all() {
                writeln!(out, "{} {}", scenario.name(), allocations(scenario))?;
            }
        }
        Some("memory") => {
            for keys in stores::COUNTS {
                for store in stores::Store::OF_MEMORY {
                    let region = Region::new(ALLOCATOR);
                    let filled = store.filled(keys);
                    let bytes = region.change();
                    let bytes = bytes
                        .bytes_allocated
                        .saturating_sub(bytes.bytes_deallocated);
                    drop(filled);
                    let per_key = bytes as f64 / keys as f64;
                    writeln!(out, "{} {keys} {per_key:.1}", store.name())?;
                }
            }
        }
        Some("run") => {
            let name = env::args().nth(2).unwrap_or_default();
            let mut scenarios = all();
            let Some(scenario) = scenarios
                .iter_mut()
                .find(|scenario| scenario.name() == name)
            else {
                writeln!(io::stderr(), "scenarios: no scenario is called {name:?}")?;
                return Ok(ExitCode::from(2));
            };
            scenario.run(WARM_UP);
            measured_region(scenario);
            writeln!(out, "{REQUESTS}")?;
        }
        Some("times") => {
            for (scenario, nanos) in all().iter().zip(times(&mut all())) {
                writeln!(out, "{} {nanos:.1}", scenario.name())?;
            }
        }
        _ => {
            writeln!(
                io::stderr(),
                "usage: scenarios allocations|memory|run NAME|times"
            )?;
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn all() -> Vec<Scenario> {
    let mut scenarios = layers::alone();
    scenarios.extend(layers::stacks());
    scenarios.extend(stores::scenarios());
    scenarios.extend(render::scenarios());
    scenarios.extend(peers::scenarios());
    scenarios.extend(peers::limiters());
    scenarios
}

/// The allocations and reallocations of one request, once all that is made only once is made.
fn allocations(scenario: &mut Scenario) -> usize {
    scenario.run(WARM_UP);
    let region = Region::new(ALLOCATOR);
    scenario.run(REQUESTS);
    let change = region.change();
    (change.allocations + change.reallocations) / REQUESTS
}

const WARM_UP: usize = 50;
