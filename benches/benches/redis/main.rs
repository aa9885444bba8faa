//! A check of limits that are counted on a Redis server of this machine, beside the least that a script
//! costs and the `INCR` and `EXPIRE` of everybody's first limiter.
//!
//! `cargo bench -p tower-edge-benches --bench redis`; it takes half a minute, and redis-server. A row has
//! how many checks are done in a second when 64 are under way, what one takes when nothing else is, and
//! what one costs: the processor here and at the server, and questions to the server. Rounds are
//! interleaved, so that a noisy machine is as noisy to all; the best of each counts.

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
    let contenders = contender::all(&server).await.map_err(io::Error::other)?;
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
        let mut others = contenders.iter().zip(&figures);
        let bare = others.find(|(other, _)| contender.bare() == Some(other.name()));
        if let Some((bare, least)) = bare {
            let times = ours.p50.as_secs_f64() / least.p50.as_secs_f64();
            writeln!(
                out,
                "{}: {times:.2} times {}",
                contender.name(),
                bare.name()
            )?;
        }
    }
    Ok(())
}

const ROUNDS: usize = 5;
const WARM_UP: usize = 1_000;
