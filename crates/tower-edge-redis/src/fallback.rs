use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tower_edge_core::rate_limit::{
    Algorithm, Decision, KeyHash, Operation, Quota, QuotaRequest, Store,
};

use crate::client::Batch;
use crate::config::Config;
use crate::{OnStoreError, RedisStoreError};

/// Decides while the server does not.
#[derive(Debug)]
pub(crate) struct Fallback<F> {
    pub(crate) store: F,
    /// Keys reach the store with a secret of this process, as they do not count on that of all machines.
    secret: RandomState,
}

impl<F: Store> Fallback<F> {
    pub(crate) fn new(store: F) -> Self {
        Self {
            store,
            secret: RandomState::new(),
        }
    }

    /// Decides in the way that is set for the quotas, of which the strictest goes.
    pub(crate) async fn decide(
        &self,
        config: &Config,
        batch: &Batch,
        error: RedisStoreError,
    ) -> Result<Decision, RedisStoreError> {
        let (operation, requests) = (batch.operation, &batch.requests);
        let is = |way| move |request: &QuotaRequest| config.on_error(&request.quota) == way;
        let is_of_server = operation == Operation::Refund && !requests.iter().all(is_of_fallback);
        let mut enforced = requests.iter().filter(|request| request.enforced);
        if is_of_server || enforced.any(is(OnStoreError::Closed)) {
            return Err(error);
        }
        let is_local = requests.iter().any(is(OnStoreError::LocalFallback));
        if !is_local && operation == Operation::Reset {
            return Err(error);
        }
        // What the store has charged it gives back.
        if !is_local && operation != Operation::Refund {
            return Ok(unlimited());
        }
        let local = requests.iter().map(|request| {
            let enforced = request.enforced && is(OnStoreError::LocalFallback)(request);
            self.request(config, request).with_enforced(enforced)
        });
        let local: Vec<QuotaRequest> = local.collect();
        match self.store.apply(operation, &local, None).wait().await {
            // The server has reset nothing.
            Ok(_) if operation == Operation::Reset => Err(error),
            Ok(decision) => Ok(decision.with_issuer(FALLBACK).with_limits_of(requests)),
            Err(error) => Err(RedisStoreError::Fallback(error.into())),
        }
    }

    /// What costs more than the limit of one machine, and not more than the whole, costs all of it, as it would be
    /// rejected for ever otherwise.
    fn request(&self, config: &Config, request: &QuotaRequest) -> QuotaRequest {
        let quota = per_machine(config, &request.quota);
        let mut local = request.clone();
        if request.cost <= request.quota.limit() {
            local.cost = request.cost.min(quota.limit());
        }
        local.key = KeyHash::from_bits(self.secret.hash_one(request.key).into());
        local.quota = quota;
        local
    }
}

/// The quota by which one machine counts: its own, or the whole with its count and burst divided, rounded down to no
/// less than 1.
pub(crate) fn per_machine(config: &Config, quota: &Quota) -> Quota {
    if let Some(own) = config.fallback_quotas.get(quota.name()) {
        return *own;
    }
    let divided = |units: u32| (units / config.machines).max(1);
    // What is valid stays valid with a lesser count.
    let share = Quota::new(divided(quota.count()), quota.period());
    let share = share.map_or(*quota, |share| share.named(quota.name()));
    match quota.algorithm() {
        Algorithm::Calendar(calendar) => share.with_calendar(calendar),
        Algorithm::SlidingWindow => share.sliding_window(),
        _ => {
            let burst = divided(quota.limit().get());
            share.try_with_burst(burst).unwrap_or(share)
        }
    }
}

/// Whether the fallback has charged what this gives back.
pub(crate) fn is_of_fallback(request: &QuotaRequest) -> bool {
    let receipt = request.receipt;
    receipt.is_some_and(|receipt| receipt.issuer() == FALLBACK)
}

/// The request is allowed, and nobody knows what is left.
pub(crate) fn unlimited() -> Decision {
    Decision::new(Duration::ZERO, &[], [])
}

/// The issuer of the fallback's receipts. The server's have none.
const FALLBACK: u32 = 1;

#[cfg(test)]
mod tests;
