use std::time::Duration;

use tower_edge_core::rate_limit::QuotaRequest;

use crate::sync::{Mutex, lock};

/// Entries about accounts, in a fixed number of slots.
///
/// Some bits of the key choose a set of four slots. The owner of the table decides which entry of a full set makes
/// room.
#[derive(Debug)]
pub(crate) struct Table<E> {
    sets: Box<[Mutex<Set<E>>]>,
}

pub(crate) type Set<E> = [Option<E>; WAYS];

impl<E> Table<E> {
    /// A table of at least this many slots, rounded up to a multiple of four, and at most 2^24. With zero slots the
    /// table is off.
    pub(crate) fn new(slots: usize) -> Self {
        let sets = slots.min(MOST_SLOTS).div_ceil(WAYS);
        Self {
            sets: (0..sets).map(|_| Mutex::default()).collect(),
        }
    }

    pub(crate) const fn is_off(&self) -> bool {
        self.sets.is_empty()
    }

    /// Calls the closure with the set of the request's account. `None` if the table is off.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the hash is one of 64 bits, and the index below the number of sets, which is a `usize`"
    )]
    pub(crate) fn with_set<T>(
        &self,
        request: &QuotaRequest,
        change: impl FnOnce(&mut Set<E>) -> T,
    ) -> Option<T> {
        // Anybody may know how quotas differ. Keys differ by the secret.
        let hash = request.key.low() ^ request.quota.id();
        let at = ((u128::from(hash) * self.sets.len() as u128) >> u64::BITS) as usize;
        Some(change(&mut lock(self.sets.get(at)?)))
    }

    /// Calls the closure with every entry.
    pub(crate) fn for_each(&self, mut change: impl FnMut(&mut E)) {
        for set in &self.sets {
            lock(set).iter_mut().flatten().for_each(&mut change);
        }
    }
}

/// One time on two clocks: the server's, and this machine's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) here: Duration,
    pub(crate) server: Duration,
}

impl Moment {
    /// The time of the server's clock at a later time of this machine. `None` for an earlier time, as when a test steps
    /// its clock back.
    pub(crate) fn server_at(&self, here: Duration) -> Option<Duration> {
        let ago = here.checked_sub(self.here)?;
        Some(self.server.saturating_add(ago))
    }
}

const WAYS: usize = 4;
const MOST_SLOTS: usize = 1 << 24;
