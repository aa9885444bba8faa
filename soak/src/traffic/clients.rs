use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::half_closed::half_closed;
use super::leaver::{leaves_connections, leaves_streams};
use super::slow_reader::{opens_little_window, reads_nothing};
use super::steady_reader::{Steady, reads_steadily};
use super::worker::{Connections, Worker};
use crate::cases::{BUSY, PATIENT, SHARED};
use crate::soak::{Phase, Soak};

/// All clients.
pub(crate) fn load(soak: &Arc<Soak>, phase: &watch::Receiver<Phase>) -> JoinSet<()> {
    let mut clients = workers(soak, phase);
    clients.spawn(leaves_connections(Arc::clone(soak), phase.clone()));
    clients.spawn(leaves_streams(Arc::clone(soak), phase.clone()));
    clients.spawn(half_closed(Arc::clone(soak), phase.clone()));
    for _ in 0..2 {
        clients.spawn(reads_nothing(Arc::clone(soak), phase.clone()));
    }
    for window in [0, 1, 100] {
        clients.spawn(opens_little_window(Arc::clone(soak), phase.clone(), window));
    }
    for (steady, step, pause) in STEADY {
        let pause = Duration::from_millis(pause);
        clients.spawn(reads_steadily(
            Arc::clone(soak),
            phase.clone(),
            steady,
            step,
            pause,
        ));
    }
    clients
}

/// Those alone that behave: few, and each as fast as its responses come.
pub(crate) fn workers(soak: &Arc<Soak>, phase: &watch::Receiver<Phase>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    let mut seed = 0;
    let mut spawn = |cases, connections: Connections| {
        seed += 1;
        let worker = Worker::new(soak, phase, cases, seed);
        clients.spawn(worker.run(connections));
    };
    for _ in 0..4 {
        spawn(BUSY, Connections::http_1());
    }
    spawn(PATIENT, Connections::http_1());
    // These share their connections.
    for (cases, count) in [(BUSY, 3), (BUSY, 3), (PATIENT, 6)] {
        let connections = Connections::http_2(soak);
        for _ in 0..count {
            spawn(cases, connections.for_another());
        }
    }
    clients
}

/// Those of the gateways that share a limit. They leave the machine some time, as Redis is waited for 20 ms only.
pub(crate) fn shared(soak: &Arc<Soak>, phase: &watch::Receiver<Phase>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for (seed, connections) in (1..).zip([
        Connections::http_1(),
        Connections::http_1(),
        Connections::http_2(soak),
    ]) {
        let worker = Worker::new(soak, phase, SHARED, seed).with_pause(PAUSE);
        clients.spawn(worker.run(connections));
    }
    clients
}

const PAUSE: Duration = Duration::from_millis(10);
/// Who reads how many bytes after how many milliseconds. A kernel announces room when half of its buffer is free, so that
/// a client that reads much less would show the server nothing for longer than the write timeout.
const STEADY: [(Steady, usize, u64); 6] = [
    (Steady::Http1, 4096, 50),
    (Steady::Http1, 5120, 100),
    (Steady::Http2, 4096, 50),
    (Steady::Http2, 5120, 100),
    (Steady::Window, 8192, 50),
    // A frame of 16 KiB takes this one longer than the write timeout.
    (Steady::Window, 1024, 250),
];
