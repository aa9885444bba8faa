use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::cases::Target;
use crate::checks::MadeIds;
use crate::report::Report;

/// What all clients share.
#[derive(Debug)]
pub(crate) struct Soak {
    pub(crate) addresses: [SocketAddr; Target::COUNT],
    pub(crate) report: Report,
    pub(crate) made: MadeIds,
    numbers: AtomicU64,
}

/// What the clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// They ask on and on.
    Load,
    /// They finish what they are at, and go.
    Leave,
    /// The gateways are stopped at this moment: they ask until nobody responds.
    Stop(Instant),
}

impl Soak {
    /// The addresses are in the order of the targets.
    pub(crate) fn new(addresses: [SocketAddr; Target::COUNT]) -> Self {
        Self {
            addresses,
            report: Report::default(),
            made: MadeIds::default(),
            numbers: AtomicU64::new(0),
        }
    }

    pub(crate) const fn address(&self, target: Target) -> SocketAddr {
        self.addresses[target as usize]
    }

    /// A number that no request has had.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }
}

/// Longer than anything takes that a client waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How long the gateways let a client take nothing.
pub(crate) const WRITE_TIMEOUT: Duration = Duration::from_secs(3);
