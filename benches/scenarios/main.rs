//! Fixed requests through the layers, alone and stacked, and through what others use in their place.
//!
//! `scenarios allocations` prints `name allocations` for one request of each. `scenarios times` prints
//! `name nanoseconds`, the median of interleaved rounds. `scenarios run NAME` sends the requests of one
//! inside of `measured_region`, for callgrind to count. What is measured includes making the request
//! and dropping the answer; so only the difference to the bare service counts.

mod drive;
mod layers;
mod peers;
mod requests;
mod scenario;
mod stack;
mod store;

use std::alloc::System;
use std::env;
use std::io;
use std::io::Write;
use std::process::ExitCode;

use stats_alloc::INSTRUMENTED_SYSTEM;
use stats_alloc::Region;
use stats_alloc::StatsAlloc;

use crate::scenario::Scenario;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let _guard = runtime.enter();
    let mut scenarios = all();
    let mut out = io::stdout().lock();
    match env::args().nth(1).as_deref() {
        Some("allocations") => {
            for scenario in &mut scenarios {
                writeln!(out, "{} {}", scenario.name(), allocations(scenario))?;
            }
        }
        Some("run") => {
            let name = env::args().nth(2).unwrap_or_default();
            let Some(scenario) = scenarios
                .iter_mut()
                .find(|scenario| scenario.name() == name)
            else {
                writeln!(io::stderr(), "scenarios: no scenario is called {name:?}")?;
                return Ok(ExitCode::from(2));
            };
            scenario.run(WARM_UP);
            drive::measured_region(scenario);
            writeln!(out, "{}", drive::REQUESTS)?;
        }
        Some("times") => {
            for (scenario, nanos) in scenarios.iter().zip(drive::times(&mut all())) {
                writeln!(out, "{} {nanos:.1}", scenario.name())?;
            }
        }
        _ => {
            writeln!(io::stderr(), "usage: scenarios allocations|times|run NAME")?;
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn all() -> Vec<Scenario> {
    let mut scenarios = layers::scenarios();
    scenarios.extend(stack::scenarios());
    scenarios.extend(store::scenarios());
    scenarios.extend(peers::scenarios());
    scenarios
}

/// The allocations and reallocations of one request, once all that is made only once is made.
fn allocations(scenario: &mut Scenario) -> usize {
    scenario.run(WARM_UP);
    let region = Region::new(ALLOCATOR);
    scenario.run(drive::REQUESTS);
    let change = region.change();
    (change.allocations + change.reallocations) / drive::REQUESTS
}

const WARM_UP: usize = 50;
