//! Header fields: which have to be there, and what has to be in them.

use super::Flaw;
use crate::cases::{Ask, Prefix, Target, Wanted};
use crate::message::Response;

/// The fields of the limit, as the prefix has them, and only where the limit has counted.
pub(super) fn limit(ask: &Ask, response: &Response) -> Result<(), Flaw> {
    let present: Vec<_> = IETF
        .into_iter()
        .chain(X_RATE_LIMIT)
        .filter(|name| response.headers.contains_key(*name))
        .collect();
    let expected = match (ask.case.limited, ask.prefix) {
        (false, _) => &[][..],
        (true, Prefix::Problem) => &IETF,
        (true, _) => &X_RATE_LIMIT,
    };
    if present != expected {
        let detail = format!("{present:?} instead of {expected:?}");
        return Err(Flaw::new("has not the fields of the limit", detail));
    }
    let is_sound = match (ask.case.limited, ask.prefix) {
        (false, _) => true,
        (true, Prefix::Problem) => is_ietf_sound(ask.case.target, response),
        (true, _) => is_x_rate_limit_sound(ask.case.target, response),
    };
    if is_sound {
        Ok(())
    } else {
        let values: Vec<_> = expected.iter().map(|name| response.values(name)).collect();
        let detail = format!("{expected:?}: {values:?}");
        Err(Flaw::new("has wrong fields of the limit", detail))
    }
}

fn is_ietf_sound(target: Target, response: &Response) -> bool {
    let (Some(state), Some(policy)) = (response.field(IETF[0]), response.field(IETF[1])) else {
        return false;
    };
    let number = |name: &str| -> Option<u64> {
        let mut parameters = state.split(';').skip(1);
        parameters
            .find_map(|one| one.strip_prefix(name))?
            .parse()
            .ok()
    };
    let remaining = number("r=");
    match target {
        Target::Near | Target::Distant => {
            policy.starts_with("\"hour\";q=20;w=3600") && remaining.is_some_and(|left| left <= 20)
        }
        Target::Spent => policy.starts_with("\"spent\";q=1;w=86400") && remaining == Some(0),
        _ => policy.starts_with("\"open\";q=1000000;w=1") && remaining.is_some(),
    }
}

fn is_x_rate_limit_sound(target: Target, response: &Response) -> bool {
    let numbers = X_RATE_LIMIT.map(|name| response.field(name)?.parse::<u64>().ok());
    let [Some(limit), Some(remaining), Some(_)] = numbers else {
        return false;
    };
    match target {
        Target::Spent => (limit, remaining) == (1, 0),
        Target::Near | Target::Distant => limit == 20 && remaining <= limit,
        _ => limit == 1_000_000 && remaining <= limit,
    }
}

/// What the status asks for.
pub(super) fn of_status(ask: &Ask, response: &Response) -> Result<(), Flaw> {
    let value = |name| response.field(name).unwrap_or_default();
    let retry_after = value("retry-after").parse().unwrap_or(0);
    let is_sound = match (response.status, ask.case.wanted) {
        (401, _) => value("www-authenticate") == "Bearer",
        // The client may try in 1 to 86,400 seconds.
        (429, _) => (1..=86_400_u64).contains(&retry_after),
        (405, _) => value("allow").contains("GET"),
        (503, Wanted::Error(_)) if ask.case.path.ends_with("ratelimited") => retry_after == 7,
        (400.., _) => true,
        _ => !response.headers.contains_key("retry-after"),
    };
    if is_sound {
        Ok(())
    } else {
        let detail = format!("{:?}", response.headers);
        Err(Flaw::new("lacks a field that its status asks for", detail))
    }
}

const IETF: [&str; 2] = ["ratelimit", "ratelimit-policy"];
const X_RATE_LIMIT: [&str; 3] = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
];
