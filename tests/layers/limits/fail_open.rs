//! A layer whose store fails, and that lets requests through meanwhile.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::FutureExt;
use http::Response;
use tower_edge::BoxError;
use tower_edge::rate_limit::memory::MemoryStore;
use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Operation, QuotaRequest};
use tower_edge::rate_limit::{ApiKey, ChargeOn, Decision, Key, Limit, RateLimitLayer, Store};
use tracing::Level;

use crate::limits::harness::{Still, field, per_minute, respond, store};
use crate::log::logged;

/// A store that fails while the test sets it so, at once or later.
#[derive(Clone)]
struct Flaky {
    inner: MemoryStore<Still>,
    fails: Arc<AtomicBool>,
    fails_later: bool,
}

impl Flaky {
    fn failing(fails_later: bool) -> Self {
        Self {
            inner: store(),
            fails: Arc::new(AtomicBool::new(true)),
            fails_later,
        }
    }

    fn recover(&self) {
        self.fails.store(false, Ordering::Relaxed);
    }
}

impl Store for Flaky {
    type Error = BoxError;
    type Future = Ready<Result<Decision, BoxError>>;

    fn hash(&self, key: &Key<'_>) -> KeyHash {
        self.inner.hash(key)
    }

    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        now: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        let failure = || Err("the disk is full".into());
        match (self.fails.load(Ordering::Relaxed), self.fails_later) {
            (true, true) => MaybeReady::Pending(ready(failure())),
            (true, false) => MaybeReady::Ready(failure()),
            _ => {
                let decided = self.inner.apply(operation, requests, now).wait();
                let decided = decided.now_or_never().unwrap();
                MaybeReady::Ready(decided.map_err(Into::into))
            }
        }
    }
}

/// Two requests a minute, and three logins of an account that the handler knows.
fn layer(store: &Flaky) -> RateLimitLayer<Flaky> {
    let calls = Limit::new(per_minute("calls", 2), ApiKey).with_charge_on(ChargeOn::Successes);
    let login = Limit::in_handler(per_minute("login", 3));
    RateLimitLayer::new([calls, login])
        .with_fail_open()
        .with_handle()
        .with_store(store.clone())
}

fn assert_is_not_limited(response: &Response<()>) {
    assert_eq!(response.status(), 200);
    assert!(response.headers().is_empty(), "{response:?}");
}

#[test]
fn requests_are_allowed_without_fields_while_the_store_fails() {
    for fails_later in [true, false] {
        let store = Flaky::failing(fails_later);
        let layer = layer(&store);

        for _ in 0..5 {
            assert_is_not_limited(&respond(&layer, async |_| Ok(())));
        }

        store.recover();
        let statuses = [(); 3].map(|()| respond(&layer, async |_| Ok(())).status().as_u16());
        assert_eq!(statuses, [200, 200, 429]);
    }
}

#[test]
fn a_handle_allows_what_the_store_cannot_decide() {
    let layer = layer(&Flaky::failing(true));

    let response = respond(&layer, async |handle| {
        let alice = Key::from("alice");
        assert!(handle.under("calls").is_none());
        for decision in [
            handle.acquire(9).await?,
            handle.charge(9).await?,
            handle.check("login", &alice).await?,
            handle.peek(9).await?,
            handle.refund(9).await?,
        ] {
            assert!(decision.is_allowed() && decision.states().is_empty());
        }
        assert_eq!(handle.states(), []);
        Ok(())
    });

    assert_is_not_limited(&response);
}

#[test]
fn a_handle_checks_keys_once_the_store_decides_again() {
    let store = Flaky::failing(false);

    let response = respond(&layer(&store), async |handle| {
        store.recover();
        handle.check("login", &Key::from("alice")).await?;
        let names: Vec<_> = handle
            .states()
            .iter()
            .map(|(quota, _)| quota.name())
            .collect();
        assert_eq!(names, ["login"]);
        Ok(())
    });

    assert_eq!(field(&response, "x-ratelimit-limit"), "3");
    assert_eq!(field(&response, "x-ratelimit-remaining"), "2");
}

#[test]
fn that_requests_pass_without_a_limit_is_logged_once() {
    let layer = layer(&Flaky::failing(true));

    let lines = logged(Level::WARN, || {
        assert_is_not_limited(&respond(&layer, async |_| Ok(())));
        assert_is_not_limited(&respond(&layer, async |_| Ok(())));
    });

    let [line] = &lines[..] else {
        panic!("{lines:?}")
    };
    for part in ["WARN", "pass without its limits", "the disk is full"] {
        assert!(line.contains(part), "{line}");
    }
}
