use std::time::Duration;

use tower_edge_core::rate_limit::Check;
use tower_edge_core::rate_limit::Decision;
use tower_edge_core::rate_limit::Demand;
use tower_edge_core::rate_limit::Settlement;
use tower_edge_core::rate_limit::Store;

use crate::OnStoreError;
use crate::RedisStoreError;
use crate::charged_by::ChargedBy;
use crate::charged_by::FALLBACK_EPOCH;
use crate::charged_by::NOBODYS_EPOCH;
use crate::request::Asked;
use crate::request::Deed;
use crate::settings::Settings;

/// Decides without the server, in the way that is set for the policies. When it is not the same for all
/// of them the strictest goes.
pub(crate) async fn decide<F: Store>(
    fallback: &F,
    settings: &Settings,
    asked: &[Asked],
    deed: Deed,
    error: RedisStoreError,
) -> Result<Decision, RedisStoreError> {
    let is = |way| move |asked: &Asked| settings.on_error(&asked.policy) == way;
    let mut binding = asked.iter().filter(|asked| asked.is_binding);
    let is_servers = deed.gives_back_for() == Some(ChargedBy::Server);
    if is_servers || binding.any(is(OnStoreError::Closed)) {
        return Err(error);
    }
    if !asked.iter().any(is(OnStoreError::LocalFallback)) {
        return Ok(not_known());
    }
    let shares = asked.iter().map(|asked| {
        let share = settings.shares.of(asked);
        Asked {
            is_binding: asked.is_binding && is(OnStoreError::LocalFallback)(asked),
            owed_until: asked.owed_until.map(fallbacks_time),
            ..share
        }
    });
    let shares: Vec<Asked> = shares.collect();
    let demands: Vec<Demand<'_>> = shares.iter().map(Asked::demand).collect();
    let check = match deed {
        Deed::Charge => fallback.settle(&demands, Settlement::Charge),
        Deed::Check => fallback.check(&demands),
        Deed::Look => fallback.settle(&demands, Settlement::Look),
        Deed::Refund { charged_at } => {
            let charged_at = fallbacks_time(charged_at);
            fallback.settle(&demands, Settlement::Refund { charged_at })
        }
    };
    let decision = match check {
        Check::Now(decision) => decision,
        Check::Later(decision) => decision.await,
    };
    let decision = decision.map_err(|error| RedisStoreError::Fallback(error.into()))?;
    let at = decision.at().saturating_add(FALLBACK_EPOCH);
    let standings = decision.standings().iter().copied();
    Ok(Decision::new(at, &demands, standings))
}

/// The request is let through, and nobody knows where the client stands.
pub(crate) fn not_known() -> Decision {
    Decision::new(NOBODYS_EPOCH, &[], [])
}

fn fallbacks_time(time: Duration) -> Duration {
    time.saturating_sub(FALLBACK_EPOCH)
}
