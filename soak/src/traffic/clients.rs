use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::half_closed::half_closed;
use super::leaver::leaves_connections;
use super::leaver::leaves_streams;
use super::slow_reader::opens_no_window;
use super::slow_reader::reads_nothing;
use super::worker::Connections;
use super::worker::Worker;
use crate::cases::BUSY;
use crate::cases::PATIENT;
use crate::soak::Phase;
use crate::soak::Soak;

/// All clients.
pub(crate) fn load(soak: &Arc<Soak>, phase: &watch::Receiver<Phase>) -> JoinSet<()> {
    let mut clients = workers(soak, phase);
    clients.spawn(leaves_connections(Arc::clone(soak), phase.clone()));
    clients.spawn(leaves_streams(Arc::clone(soak), phase.clone()));
    clients.spawn(half_closed(Arc::clone(soak), phase.clone()));
    for _ in 0..2 {
        clients.spawn(reads_nothing(Arc::clone(soak), phase.clone()));
    }
    clients.spawn(opens_no_window(Arc::clone(soak), phase.clone()));
    clients
}

/// Those alone that behave: few, and each as fast as it is answered.
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
