//! Several machines that ask one server.

use std::num::NonZeroU32;

use futures_util::future::join_all;
use tower_edge_tests::RedisServer;

use crate::harness::{Machine, QUOTA, TIMEOUT, store};

/// Requests go to each in turn.
async fn admitted(machines: &[Machine], key: &str, rounds: u32) -> u32 {
    let mut admitted = 0;
    for _ in 0..rounds {
        for machine in machines {
            admitted += machine.admitted(key, 1).await;
        }
    }
    admitted
}

#[tokio::test]
async fn machines_admit_together_what_one_would() {
    let server = RedisServer::start();
    let machines: Vec<_> = (0..4).map(|_| Machine::alone(&server.url())).collect();

    assert_eq!(admitted(&machines, "a", QUOTA).await, QUOTA);
}

#[tokio::test]
async fn machines_with_a_number_of_machines_admit_a_share_each_without_the_server() {
    let mut server = RedisServer::start();
    let machine = || {
        let store = store(&server.url()).with_machines(NonZeroU32::new(4).unwrap());
        Machine::of(store, TIMEOUT)
    };
    let machines = [machine(), machine(), machine(), machine()];
    assert_eq!(admitted(&machines, "a", 1).await, 4);

    server.kill();
    join_all(machines.iter().map(Machine::give_up)).await;

    // All of them together no more than the limit, whatever was counted before.
    assert_eq!(admitted(&machines, "a", QUOTA).await, QUOTA);
    assert_eq!(admitted(&machines, "b", QUOTA).await, QUOTA);
}
