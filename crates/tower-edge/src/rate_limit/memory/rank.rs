use std::time::Duration;

use tower_edge_core::rate_limit::Policy;

/// When an account would be even if what was used were worked off evenly, in eighths of a second: the
/// rank of an account that counts. `now` is in microseconds.
pub(super) fn even_at(now: u64, policy: &Policy, used: u32) -> u32 {
    let owed = policy.emission_interval().as_micros() * u128::from(used);
    let even_at = u128::from(now).saturating_add(owed) / EIGHTH_OF_A_SECOND;
    u32::try_from(even_at).unwrap_or(u32::MAX)
}

/// 584 000 years fit.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

const EIGHTH_OF_A_SECOND: u128 = 125_000;
