use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::breaker::Breaker;
use crate::counters::Counts;
use crate::outage::Outage;
use crate::script::Scripts;
use crate::server_clock::ServerClock;

/// The server, as far as this machine knows it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) breaker: Arc<Breaker>,
    pub(crate) clock: ServerClock,
    pub(crate) counts: Counts,
    /// Whether it is a cluster, which takes no two keys of different slots in one call.
    pub(crate) is_cluster: AtomicBool,
    pub(crate) outage: Arc<Outage>,
    pub(crate) scripts: Scripts,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            breaker: Arc::default(),
            clock: ServerClock::default(),
            counts: Counts::default(),
            is_cluster: AtomicBool::new(false),
            outage: Arc::default(),
            scripts: Scripts::new(),
        }
    }
}
