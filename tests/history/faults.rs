//! What strikes the server and the machines.

use tower_edge_tests::RedisServer;

use crate::fleet::{Fleet, wait};
use crate::history::{History, Span, unix_micros};
use crate::scenario::{Fault, Random};

/// Lets the fault strike once, and records when.
pub(crate) async fn strike(
    fault: Fault,
    server: &mut RedisServer,
    fleet: &mut Fleet,
    random: &mut Random,
    history: &mut History,
) {
    let (which, pause) = (random.number(), random.millis(0, LONGEST));
    let begun = unix_micros();
    match fault {
        Fault::Disconnection => server.execute(&["CLIENT", "KILL", "TYPE", "normal"]),
        Fault::Flush => server.execute(&["FLUSHALL"]),
        Fault::MachineKilled => fleet.replace(which, pause).await,
        Fault::MachinePaused => fleet.pause(which, pause).await,
        Fault::None | Fault::Several => {}
        Fault::ServerKilled => {
            server.kill();
            wait(pause).await;
            server.restart();
        }
        Fault::ServerPaused => {
            server.pause();
            wait(pause).await;
            server.resume();
        }
    }
    history.faults.push((fault, Span::since(begun)));
}

/// Milliseconds: several timeouts, and so many that the server is no longer called.
const LONGEST: u64 = 500;
