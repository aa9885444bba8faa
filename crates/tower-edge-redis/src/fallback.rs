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
    /// The fallback hashes keys with a secret of this process, since it need not be that of all machines.
    secret: RandomState,
}

impl<F: Store> Fallback<F> {
    pub(crate) fn new(store: F) -> Self {
        Self {
            store,
            secret: RandomState::new(),
        }
    }

    /// Decides as set for the quotas. If their settings differ, the strictest one counts.
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
        // The fallback gives back its own charges.
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

    /// A cost above the share of one machine, but not above the whole limit, takes the whole share. Otherwise it would
    /// be rejected for ever.
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

/// The quota of one machine: its own, or the whole with its count and burst divided, rounded down, and at least 1.
pub(crate) fn per_machine(config: &Config, quota: &Quota) -> Quota {
    if let Some(own) = config.fallback_quotas.get(quota.name()) {
        return *own;
    }
    let divided = |units: u32| (units / config.machines).max(1);
    // A valid quota stays valid with a smaller count.
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

/// Whether the fallback has made the charge that this request gives back.
pub(crate) fn is_of_fallback(request: &QuotaRequest) -> bool {
    let receipt = request.receipt;
    receipt.is_some_and(|receipt| receipt.issuer() == FALLBACK)
}

/// The request is allowed, and the remaining units are unknown.
pub(crate) fn unlimited() -> Decision {
    Decision::new(Duration::ZERO, &[], [])
}

/// The issuer of the fallback's receipts. Receipts of the server have none.
const FALLBACK: u32 = 1;

#[cfg(test)]
mod tests;
