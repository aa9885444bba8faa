//! Decisions of a machine without the server.

pub(crate) mod deny_cache;
pub(crate) mod lease;
pub(crate) mod leases;
pub(crate) mod table;

use std::time::Duration;

use tower_edge_core::rate_limit::{Decision, Operation, QuotaRequest};

use self::deny_cache::DenyCache;
use self::leases::Leases;
use self::table::Moment;
use crate::client::{Batch, Replies};
use crate::config::Config;
use crate::metrics::Count;

/// The accounts as this machine knows them.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) deny_cache: DenyCache,
    pub(crate) leases: Leases,
}

/// The time of a call of the server, and the number of changes before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallStart {
    at: Duration,
    changes: u32,
}

impl Local {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            deny_cache: DenyCache::new(config.deny_cache),
            leases: Leases::new(config),
        }
    }

    /// The decision and its counter, if it needs no call of the server.
    pub(crate) fn find(
        &self,
        requests: &[QuotaRequest],
        now: Duration,
    ) -> Option<(Decision, Count)> {
        let allowed = self.leases.spend(requests, now);
        let allowed = allowed.map(|decision| (decision, Count::LeaseHit));
        allowed.or_else(|| {
            let rejected = self.deny_cache.find(requests, now)?;
            Some((rejected, Count::DenyCacheHit))
        })
    }

    /// Records that the server is about to be called.
    pub(crate) fn start_call(&self, batch: &Batch, now: Duration) -> CallStart {
        self.change(batch);
        let changes = self.deny_cache.changes(&batch.requests);
        CallStart { at: now, changes }
    }

    /// Forgets the accounts that an operation other than a request's changes. It is called before the operation, in
    /// case the client leaves meanwhile, and after it.
    pub(crate) fn change(&self, batch: &Batch) {
        if matches!(batch.operation, Operation::TryAcquire | Operation::Peek) {
            return;
        }
        self.deny_cache.change(&batch.requests);
        if batch.operation == Operation::Reset {
            let requests = batch.requests.iter();
            requests.for_each(|request| self.leases.expire(request));
        }
    }

    /// Updates the accounts from the reply to a request. Returns leased units to give back.
    pub(crate) fn learn(
        &self,
        batch: &Batch,
        start: CallStart,
        decided: &Replies,
        is_allowed: bool,
        now: Duration,
    ) -> Vec<QuotaRequest> {
        let (server, replies) = (decided.now, &decided.replies);
        let moment = |here| Moment { here, server };
        if is_allowed {
            // The remembered states no longer describe the accounts.
            self.deny_cache.forget(&batch.requests);
            return self.leases.add(batch, replies, moment(start.at), now);
        }
        let requests = &batch.requests;
        self.deny_cache
            .remember(requests, replies, moment(now), start.changes);
        let rejected = requests.iter().zip(replies);
        rejected
            .filter(|(_, reply)| !reply.state.is_allowed())
            .for_each(|(request, _)| self.leases.expire(request));
        Vec::new()
    }
}
