//! The server is away for a while.

use std::cell::RefCell;
use std::io;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

use tokio::task::yield_now;
use tokio::time::timeout;
use tower_edge_redis::{BreakerState, OnStoreError};
use tower_edge_tests::RedisServer;
use tracing::callsite::rebuild_interest_cache;

use crate::harness::{
    Machine, QUOTA, RECOVERY, SHORT_TIMEOUT, TIMEOUT, begin_to_load, end_to_load, store,
};

/// Sends requests of one client until it is stopped, and returns how often it was let through.
async fn load(machine: Machine, is_over: Arc<AtomicBool>) -> u32 {
    let mut admitted = 0;
    while !is_over.load(Ordering::Relaxed) {
        admitted += u32::from(machine.is_admitted("a").await);
        yield_now().await;
    }
    admitted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_under_load_leaves_no_request_without_a_response() {
    let mut server = RedisServer::start();
    let machine = Machine::alone(&server.url());
    let is_over = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..8)
        .map(|_| tokio::spawn(load(machine.clone(), is_over.clone())))
        .collect();
    assert_eq!(machine.admitted("b", 2 * QUOTA).await, QUOTA);
    assert_eq!(machine.counters().errors, 0);

    server.kill();
    assert_eq!(machine.admitted("c", 2 * QUOTA).await, QUOTA);
    server.restart();
    machine.recover().await;
    assert_eq!(machine.admitted("d", 2 * QUOTA).await, QUOTA);

    is_over.store(true, Ordering::Relaxed);
    let mut admitted = 0;
    for client in load {
        admitted += client.await.unwrap();
    }
    // By the server, by this machine alone, and by the server that has forgotten all.
    assert_eq!(admitted, 3 * QUOTA);
}

#[tokio::test]
async fn a_server_that_is_paused_is_not_waited_for_by_every_request() {
    let server = RedisServer::start();
    let machine = Machine::of(store(&server.url()), SHORT_TIMEOUT);
    machine.recover().await;
    let before = machine.admitted("a", 5).await;

    server.pause();
    let paused = machine.counters();
    let alone = before + machine.admitted("a", 200).await;
    let called = machine.counters().errors - paused.errors;
    assert!((QUOTA..=QUOTA + 5).contains(&alone), "{alone}");
    assert!((1..20).contains(&called), "{called} of 200 waited");

    server.resume();
    machine.recover().await;
    // What the server counted before, and what it may count now although nobody waits for it any more.
    let admitted = before + machine.admitted("a", 2 * QUOTA).await;
    assert!((1..=QUOTA).contains(&admitted), "{admitted}");
}

#[tokio::test]
async fn many_that_wait_for_a_paused_server_wait_together() {
    let server = RedisServer::start();
    let machine = Machine::of(store(&server.url()), SHORT_TIMEOUT);
    machine.recover().await;
    server.pause();

    assert_eq!(machine.admitted_at_once("a", 100).await, QUOTA);

    assert_eq!(machine.counters().breaker, BreakerState::Open);
}

#[tokio::test]
async fn a_connection_that_is_cut_is_made_anew() {
    let server = RedisServer::start();
    let machine = Machine::alone(&server.url());
    assert_eq!(machine.admitted("a", 5).await, 5);

    server.execute(&["CLIENT", "KILL", "TYPE", "normal"]);

    // The one that noticed was counted here.
    let first = machine.admitted("a", 1).await;
    machine.recover().await;
    let admitted = first + machine.admitted("a", 2 * QUOTA).await;
    assert!((QUOTA - 5..=QUOTA - 4).contains(&admitted), "{admitted}");
}

#[tokio::test]
async fn closed_rejects_with_503() {
    let mut server = RedisServer::start();
    let machine = Machine::new(&server.url(), OnStoreError::Closed);
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);

    server.kill();
    machine.give_up().await;
    // Not even a client that was rejected has to slow down.
    for key in ["a", "b"] {
        for _ in 0..20 {
            let response = machine.send(key).await;
            assert_eq!(response.status(), 503);
            assert!(!response.headers().contains_key("x-ratelimit-remaining"));
        }
    }

    server.restart();
    // Who asks until it works gets through.
    let is_back = async {
        while machine.ask("a").await == 503 {
            yield_now().await;
        }
    };
    timeout(30 * TIMEOUT, is_back)
        .await
        .expect("a response in time");
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA - 1);
}

#[tokio::test]
async fn open_allows_everybody_without_fields() {
    let mut server = RedisServer::start();
    let machine = Machine::new(&server.url(), OnStoreError::Open);
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);
    let known = machine.send("b").await;
    assert!(!known.headers().is_empty(), "{known:?}");

    server.kill();
    machine.give_up().await;

    for _ in 0..2 * QUOTA {
        let response = machine.send("a").await;
        assert_eq!(response.status(), 200);
        assert!(response.headers().is_empty(), "{response:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_counted_without_and_found_later() {
    let mut server = RedisServer::start();
    server.kill();
    let machine = Machine::alone(&server.url());
    machine.give_up().await;
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);

    server.restart();

    machine.recover().await;
    assert_eq!(machine.admitted("a", 2 * QUOTA).await, QUOTA);
}

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What this thread logs. All threads have the same subscriber: one without any would turn off what it comes upon first.
struct Log;

impl Log {
    fn begin() {
        static BEGUN: Once = Once::new();

        BEGUN.call_once(|| {
            let subscriber = tracing_subscriber::fmt().with_writer(|| Self);
            subscriber.with_ansi(false).without_time().init();
            rebuild_interest_cache();
        });
        LOG.take();
    }

    /// The lines about the server.
    fn lines() -> Vec<String> {
        let text = LOG.with_borrow(|log| String::from_utf8(log.clone()).unwrap());
        let lines = text.lines().filter(|line| line.contains("Redis"));
        lines.map(ToOwned::to_owned).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is done to a server so that it decides no more, what undoes it, and how the log has it.
type Cause = (fn(&mut RedisServer), fn(&mut RedisServer), &'static str);

const CAUSES: [Cause; 6] = [
    (
        RedisServer::kill,
        RedisServer::restart,
        "Connection refused",
    ),
    (
        |server| {
            server.execute(&["ACL", "SETUSER", "machine", "resetpass", ">other"]);
            server.execute(&["CLIENT", "KILL", "TYPE", "normal"]);
        },
        |server| server.execute(&["ACL", "SETUSER", "machine", "resetpass", ">hunter2"]),
        "authentication failed",
    ),
    (
        |server| server.execute(&["REPLICAOF", "127.0.0.1", "1"]),
        |server| server.execute(&["REPLICAOF", "NO", "ONE"]),
        "ReadOnly",
    ),
    (
        |server| {
            server.execute(&["CONFIG", "SET", "replica-serve-stale-data", "no"]);
            server.execute(&["REPLICAOF", "127.0.0.1", "1"]);
        },
        |server| server.execute(&["REPLICAOF", "NO", "ONE"]),
        "MasterDown",
    ),
    (
        |server| begin_to_load(server),
        |server| end_to_load(server),
        "BusyLoading",
    ),
    (
        |server| server.pause(),
        |server| server.resume(),
        "has not replied",
    ),
];

#[tokio::test]
async fn a_server_that_is_lost_and_back_is_two_lines_in_the_log_with_the_reason() {
    for (begin, end, reason) in CAUSES {
        let user = ["--user", "machine", "on", ">hunter2", "~*", "+@all"];
        let mut server = RedisServer::with(&user);
        let url = format!("redis://machine:hunter2@127.0.0.1:{}/", server.port());
        let machine = Machine::of(store(&url), SHORT_TIMEOUT);
        machine.recover().await;
        Log::begin();

        begin(&mut server);
        let lost = async {
            while Log::lines().is_empty() {
                machine.ask("a").await;
                yield_now().await;
            }
        };
        let lost = timeout(RECOVERY, lost).await;
        assert!(lost.is_ok(), "a warning in time: {reason}");
        machine.admitted("a", 20).await;
        end(&mut server);
        machine.recover().await;

        let lines = Log::lines();
        let [lost, back] = &lines[..] else {
            panic!("{reason}: {lines:#?}")
        };
        assert!(lost.contains("WARN") && lost.contains(reason), "{lost}");
        assert!(!lost.contains("hunter2") && !lost.contains("://"), "{lost}");
        assert!(back.contains("INFO") && back.contains("is back"), "{back}");
    }
}
