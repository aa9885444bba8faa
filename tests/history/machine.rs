//! A process of the fleet.

use std::io::{self, Read as _, Write as _};
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio::time::{MissedTickBehavior, interval};
use tower_edge::rate_limit::store::{Operation, QuotaRequest};
use tower_edge::rate_limit::{Decision, Key, MemoryStore, Store as _};
use tower_edge_redis::{RedisStore, RedisStoreError, ServerConnection};

use crate::history::{Outcome, Request, Span, unix_micros};
use crate::scenario::{Counting, LEASE, MACHINES, Mode, QUOTAS, Random, index};

/// The variable with the server's URL, the seed and the machine's number.
pub(crate) const ARGUMENTS: &str = "EDGE_HISTORY_MACHINE";

type Store = RedisStore<ServerConnection, MemoryStore>;

/// Sends requests of all clients, and prints each, until there is something on stdin. Ends when that is at its end.
pub(crate) fn run(arguments: &str) {
    let words: Vec<&str> = arguments.split(' ').collect();
    let [url, seed, machine] = words[..] else {
        return;
    };
    let (seed, machine): (u64, usize) = (seed.parse().unwrap(), machine.parse().unwrap());
    let is_over = Arc::new(AtomicBool::new(false));
    let is_over_too = is_over.clone();
    let (gone, is_gone) = oneshot::channel();
    thread::spawn(move || {
        let _ = io::stdin().read(&mut [0]);
        is_over_too.store(true, Ordering::Relaxed);
        let _ = io::stdin().read_to_end(&mut Vec::new());
        let _ = gone.send(());
    });
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let store = Rc::new(store(url, Mode::of(seed)));
        // What the first question of all takes, a connection and the scripts, would blur when it was decided.
        for quota in ALL {
            ask(&store, "somebody else", machine, &[quota]).await;
        }
        let clients = (0..CLIENTS).map(|client| {
            let (store, is_over) = (store.clone(), is_over.clone());
            let load = async move { load(&store, seed, machine, client, &is_over).await };
            tokio::task::spawn_local(load)
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
        // What is left of leases is given back meanwhile.
        let _ = is_gone.await;
    });
}

fn store(url: &str, mode: Mode) -> Store {
    let store = RedisStore::connect(url, MemoryStore::new(64)).unwrap();
    let store = store
        .with_machines(NonZeroU32::new(MACHINES).unwrap())
        .with_on_error(mode.on_error)
        .with_timeout(TIMEOUT);
    match mode.counting {
        Counting::DenyCache => store,
        Counting::Exact => store.with_deny_cache(0),
        Counting::Leases => store.with_leases(LEASE),
    }
}

/// The fleet and each machine are busy and idle by turns, so that leases are used up, and given back.
async fn load(store: &Store, seed: u64, machine: usize, client: u64, is_over: &AtomicBool) {
    let machine_seed = seed ^ (u64::try_from(machine).unwrap() << 32);
    let mut random = Random(machine_seed ^ (client << 48));
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let turns: [&[usize]; 4] = [&[0], &[1], &[2], &ALL];
    let mut turn = index(client, turns.len());
    while !is_over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let phase = unix_micros() / PHASE;
        let is_idle =
            [seed, machine_seed].map(|seed| Random(seed ^ phase).number().is_multiple_of(3));
        let is_idle = is_idle.contains(&true);
        if !is_idle || random.number().is_multiple_of(16) {
            turn = (turn + 1) % turns.len();
            for request in ask(store, CLIENT, machine, turns[turn]).await {
                let _ = writeln!(io::stdout(), "{request}");
            }
        }
    }
}

/// What has become of each quota. One that would allow what another rejects is not charged: there is no record.
async fn ask(store: &Store, client: &str, machine: usize, quotas: &[usize]) -> Vec<Request> {
    let key = store.hash(&Key::from(client));
    let requests = quotas
        .iter()
        .map(|&quota| QuotaRequest::new(QUOTAS[quota], key));
    let requests: Vec<_> = requests.collect();
    let begun = unix_micros();
    let decision = store
        .apply(Operation::TryAcquire, &requests, None)
        .wait()
        .await;
    let span = Span::since(begun);
    let decided = quotas.iter().enumerate().filter_map(|(at, &quota)| {
        let outcome = outcome(&decision, at)?;
        Some(Request {
            outcome,
            machine,
            quota,
            span,
        })
    });
    decided.collect()
}

fn outcome(decision: &Result<Decision, RedisStoreError>, at: usize) -> Option<Outcome> {
    let Ok(decision) = decision else {
        return Some(Outcome::Failed);
    };
    let (Some(state), Some(receipt)) = (decision.states().get(at), decision.receipt(at)) else {
        return Some(Outcome::AdmittedUnknown);
    };
    // The receipt says who is to give back what was charged.
    match (
        decision.is_allowed(),
        state.is_allowed(),
        receipt.issuer() == 0,
    ) {
        (true, _, true) => Some(Outcome::Admitted),
        (true, _, false) => Some(Outcome::AdmittedLocally),
        (false, false, true) => Some(Outcome::Rejected),
        (false, false, false) => Some(Outcome::RejectedLocally),
        (false, true, _) => None,
    }
}

/// All quotas.
const ALL: [usize; QUOTAS.len()] = [0, 1, 2];
/// Who is limited.
pub(crate) const CLIENT: &str = "a client";
/// Its requests at once.
pub(crate) const CLIENTS: u64 = 3;
/// Microseconds for which a machine is busy, or idle.
const PHASE: u64 = 70_000;
const TICK: Duration = Duration::from_millis(4);
/// Less than faults take.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(100);
