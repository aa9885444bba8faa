//! Whether anything is lost, or forgotten, once nobody asks any more.

use std::time::Duration;

use tower_edge::rate_limit::{Key, MemoryStore, Store as _};
use tower_edge_redis::RedisStore;

use crate::bounds::LEASED;
use crate::history::{History, Outcome, Request};
use crate::machine::{CLIENT, CLIENTS};
use crate::scenario::{Counting, LEASE, QUOTAS};

/// What the server has counted under the calendar: the one of the quotas of which nothing comes back by itself.
pub(crate) async fn used(url: &str) -> u32 {
    let store = RedisStore::connect(url, MemoryStore::new(8)).unwrap();
    let store = store.with_timeout(Duration::from_secs(5));
    let state = store.peek(&QUOTAS[CALENDAR], &Key::from(CLIENT)).await;
    state.unwrap().used()
}

/// Whether that is what was let through, or more, as giving back may fail and is not tried again. Less is an error.
pub(crate) fn check(history: &History, used: u32) -> Result<bool, String> {
    let count = |is_such: &dyn Fn(&Request) -> bool| {
        u64::try_from(history.spans(CALENDAR, is_such).len()).unwrap()
    };
    let is_admitted = |request: &Request| request.outcome == Outcome::Admitted;
    let (lease, leased) = match history.mode.counting {
        Counting::Leases => (u64::from(LEASE), LEASED),
        _ => (0, 0),
    };
    let loss = history.losses().last();
    // What was on lease before the loss is let through, or given back, after it.
    let (least, most) = match loss {
        None => (count(&is_admitted), count(&is_admitted)),
        Some(loss) => (
            count(&|request| is_admitted(request) && request.span.begun > loss.ended)
                .saturating_sub(2 * leased),
            count(&|request| is_admitted(request) && request.span.ended >= loss.begun),
        ),
    };
    let unknown = count(&|request| request.outcome.is_without_server());
    let killed = history.kills(u64::MAX) * (CLIENTS + 2 * lease);
    let most = match history.accountable_until() {
        u64::MAX => most + unknown * (1 + lease) + killed,
        _ => u64::MAX,
    };
    let (used, name) = (u64::from(used), QUOTAS[CALENDAR].name());
    if used < least {
        return Err(format!(
            "{name}: {used} are counted of {least} that were let through"
        ));
    }
    Ok(used <= most)
}

/// The place of that quota.
const CALENDAR: usize = 2;
