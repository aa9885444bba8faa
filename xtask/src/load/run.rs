use std::path::PathBuf;

use super::gateway::Gateway;
use super::rounds::{Ratios, Side, median};
use super::{gateway, wrk};
use crate::failure::Failure;
use crate::prerequisites;

/// Loads the gateway with and without its layers and CORS, and prints what they cost. Both sides have the same server,
/// which drains bodies, rejects invalid requests and logs nothing here.
///
/// Nothing is gated: it takes a quiet machine.
///
/// # Errors
///
/// When something cannot be started or measured.
pub(crate) fn run() -> Result<(), Failure> {
    prerequisites::install_for_load()?;
    let program = gateway::build()?;
    println!("round        req/s  CPU us/req      p50       p99");
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        let bare = || side(&program, &["--bare"]);
        let full = || side(&program, &["--limit", "second=1000000/1s"]);
        // Each goes first in half of the rounds.
        let (bare, full) = if round % 2 == 1 {
            let bare = bare()?;
            (bare, full()?)
        } else {
            let full = full()?;
            (bare()?, full)
        };
        for (name, side) in [("bare", &bare), ("full", &full)] {
            let seen = &side.seen;
            println!(
                "{round:>3} {name} {:>10.0} {:>11.1} {:>8.2?} {:>9.2?}",
                seen.per_second,
                side.cpu(),
                seen.p50,
                seen.p99
            );
        }
        rounds.push(Ratios::of(&bare, &full));
    }
    println!(
        "full over bare (the same server without the layers and CORS), medians of {ROUNDS} rounds: {:.2} requests per second (aim: 0.90 at least), \
         {:.2} CPU per request (aim: 1.15 at most), {:.2} p50, {:.2} p99",
        median(&rounds, |ratios| ratios.per_second),
        median(&rounds, |ratios| ratios.cpu),
        median(&rounds, |ratios| ratios.p50),
        median(&rounds, |ratios| ratios.p99),
    );
    Ok(())
}

fn side(program: &PathBuf, flags: &[&str]) -> Result<Side, Failure> {
    let gateway = Gateway::start(program, flags)?;
    let url = format!("{}{PATH}", gateway.address);
    // Warm, as a server is.
    wrk::ask(&url, 1)?;
    let before = gateway.cpu_seconds()?;
    let seen = wrk::ask(&url, SECONDS)?;
    let cpu_seconds = gateway.cpu_seconds()? - before;
    Ok(Side { seen, cpu_seconds })
}

/// A handler that asks no upstream, under a prefix with header fields of its own.
const PATH: &str = "/medianest/api/private";
const ROUNDS: usize = 8;
const SECONDS: u64 = 2;
