//! From a seed to what was found.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tower_edge_tests::{PATIENCE, RedisServer};

use crate::fleet::{Fleet, wait};
use crate::history::{History, micros};
use crate::machine::TIMEOUT;
use crate::scenario::{Counting, Fault, Mode, QUOTAS, Random};
use crate::{bounds, faults, settled, withheld};

/// What was found of a run in which nothing is wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) fault: Fault,
    pub(crate) mode: Mode,
    /// How much was let through beyond the limit, of each quota.
    pub(crate) overruns: [u64; QUOTAS.len()],
    /// From the end of the last fault until the last response without the server.
    pub(crate) recovery: Duration,
}

/// The results by seed; an error says what is wrong.
pub(crate) fn all(seeds: Range<u64>) -> BTreeMap<u64, Result<Report, String>> {
    let (seeds, results) = (Mutex::new(seeds), Mutex::new(BTreeMap::new()));
    let next = || seeds.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(seed) = next() {
                    // A run that panics has printed why.
                    let result = thread::spawn(move || run(seed)).join();
                    let result = result.unwrap_or_else(|_| Err("not as arranged".to_owned()));
                    results.lock().unwrap().insert(seed, result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}

/// How to repeat a run.
pub(crate) fn command(seed: u64) -> String {
    format!("EDGE_HISTORY_SEED={seed} cargo test -p tower-edge-tests --test history")
}

fn run(seed: u64) -> Result<Report, String> {
    for _ in 0..ATTEMPTS {
        // What blocks, such as the start of a server, blocks this run alone.
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        if let Some(report) = runtime.block_on(attempt(seed))? {
            return Ok(report);
        }
    }
    Err(format!(
        "what was left of leases was not given back, {ATTEMPTS} times of {ATTEMPTS}"
    ))
}

/// `None` when more is counted than was let through.
async fn attempt(seed: u64) -> Result<Option<Report>, String> {
    let (fault, mode, mut random) = (Fault::of(seed), Mode::of(seed), Random(seed));
    let mut server = RedisServer::start();
    let mut fleet = Fleet::start(server.url(), seed);
    let mut history = History::new(mode);
    let started = fleet.all(PATIENCE, |_| true).await;
    started.map_err(|machine| format!("machine {machine} does not start"))?;
    wait(random.millis(50, 300)).await;
    for _ in 0..=random.number() % 3 {
        let fault = fault.one(&mut random);
        faults::strike(fault, &mut server, &mut fleet, &mut random, &mut history).await;
        wait(random.millis(20, 200)).await;
    }

    let ended = history.faults.last().map_or(0, |(_, span)| span.ended);
    // By then what was on lease of it is over, and what was remembered is forgotten.
    let after = ended + micros(2 * TIMEOUT);
    let recovered = fleet
        .all(RECOVERY, |request| {
            let is_of_server = !request.outcome.is_without_server();
            is_of_server && request.quota == 0 && request.span.begun > after
        })
        .await;
    wait(random.millis(50, 200)).await;
    if mode.counting == Counting::Leases {
        fleet.quiet().await;
        wait(LEASES).await;
    }
    history.requests = fleet.end().await;
    let used = settled::used(&server.url()).await;

    recovered.map_err(|machine| {
        let its = history
            .requests
            .iter()
            .filter(|request| request.machine == machine);
        let last: Vec<_> = its.rev().take(3).collect();
        format!("machine {machine} is without the server {RECOVERY:?} after {ended}: {last:?}")
    })?;
    bounds::check(&history)?;
    withheld::check(&history)?;
    let is_settled = settled::check(&history, used)?;
    let without = history
        .requests
        .iter()
        .filter(|request| request.outcome.is_without_server());
    let last = without.map(|request| request.span.ended).max().unwrap_or(0);
    Ok(is_settled.then(|| Report {
        fault,
        mode,
        overruns: bounds::overruns(&history),
        recovery: Duration::from_micros(last.saturating_sub(ended)),
    }))
}

/// Runs, each of five processes that are idle for most of the time.
const AT_ONCE: usize = 3;
/// Of a run after which something is not given back: on a busy computer that may time out.
const ATTEMPTS: u32 = 3;
/// None lasts longer than a second, and a tenth of a second later what is left of it is given back.
const LEASES: Duration = Duration::from_millis(1600);
/// Thrice the longest pause of the breaker, as a busy computer may be late when the server is tried.
const RECOVERY: Duration = Duration::from_secs(30);
