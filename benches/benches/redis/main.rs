//! A check of limits that are counted on a Redis server of this machine, beside the least that a script costs, the
//! `INCR` and `EXPIRE` of everybody's first limiter, and the store of another crate.
//!
//! `cargo bench -p tower-edge-benches --bench redis`; it takes half a minute, and redis-server. A row has how many
//! checks are done in a second when 64 are under way, what one takes when nothing else is, and what one costs: the
//! processor here and at the server, and round trips. Rounds are short and interleaved, so that a noisy machine is
//! as noisy to all; the best of each counts. An argument selects the rows with this text in their names.

mod contender;
mod figures;

use std::io::Write;
use std::{env, io};

use tower_edge_tests::RedisServer;

use crate::figures::{Figures, latencies};

fn main() -> io::Result<()> {
    // `cargo test --benches` wants no figures.
    if !env::args().any(|arg| arg == "--bench") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run())
}

async fn run() -> io::Result<()> {
    let server = RedisServer::start();
    let mut contenders = contender::all(&server).await.map_err(io::Error::other)?;
    let selected = env::args().skip(1).find(|arg| !arg.starts_with("--"));
    if let Some(text) = selected {
        contenders.retain(|contender| contender.name().contains(&*text));
    }
    let mut figures: Vec<_> = contenders.iter().map(|_| Figures::new()).collect();
    for contender in &contenders {
        latencies(contender, WARM_UP).await;
    }
    for _ in 0..ROUNDS {
        for (contender, figures) in contenders.iter().zip(&mut figures) {
            figures.add(&server, contender).await;
        }
    }

    let mut out = io::stdout().lock();
    writeln!(out, "{:<34}{}", "", Figures::HEAD)?;
    for (contender, figures) in contenders.iter().zip(&figures) {
        writeln!(out, "{:<34}{figures}", contender.name())?;
    }
    for (contender, ours) in contenders.iter().zip(&figures) {
        let Some((bare, compared)) = contender.bare() else {
            continue;
        };
        let mut others = contenders.iter().zip(&figures);
        if let Some((_, least)) = others.find(|(other, _)| other.name() == bare) {
            let (name, times) = (contender.name(), ours.times(least, compared));
            writeln!(out, "{name}: {times:.2} times {bare}, by {compared:?}")?;
        }
    }
    Ok(())
}

const ROUNDS: usize = 50;
const WARM_UP: usize = 1_000;
