use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::breaker::Breaker;
use crate::outage::Outage;

/// The server, as far as this machine knows it.
#[derive(Debug, Default)]
pub(crate) struct Server {
    pub(crate) breaker: Arc<Breaker>,
    /// Whether it is a cluster, which takes no two keys of different slots in one call.
    pub(crate) is_cluster: AtomicBool,
    pub(crate) outage: Arc<Outage>,
}
