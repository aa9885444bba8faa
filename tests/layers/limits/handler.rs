//! What a handler finds out only now: a batch's size, an account in the body, and what a trial would have rejected.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::Value;
use tokio_test::block_on;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_edge::envelope::EnvelopeLayer;
use tower_edge::envelope::format::ProblemDetails;
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::store::{KeyHash, MaybeReady, Operation, QuotaRequest};
use tower_edge::rate_limit::{
    ApiKey, ChargeOn, Decision, Key, Limit, Limits, MemoryStore, Quota, QuotaState,
    RateLimitHandle, RateLimitLayer, Store,
};
use tower_edge::{Enforcement, Kind, Problem};
use tower_edge_tests::oneshot;

use crate::limits::harness::{Still, field, layer, per_minute, request, respond, send, store};

type Layered = crate::limits::harness::Limit;

fn problem(response: &Response<()>) -> &Problem {
    response.extensions().get::<Problem>().unwrap()
}

fn batches() -> Layered {
    let requests = Limit::new(per_minute("requests", 10), ApiKey);
    let calls = Limit::new(per_minute("calls", 100), ApiKey);
    layer([requests, calls]).with_handle()
}

#[test]
fn a_batch_is_charged_to_all_quotas_or_to_none() {
    let limit = batches();

    let allowed = respond(&limit, async |handle| {
        let decision = handle.acquire(5).await?;
        assert_eq!(decision.states()[0].remaining(), 4);
        Ok(())
    });
    assert_eq!(field(&allowed, "x-ratelimit-remaining"), "4");

    let rejected = respond(&limit, async |handle| handle.acquire(4).await.map(drop));
    assert_eq!(rejected.status(), 429);
    assert_eq!(field(&rejected, "x-ratelimit-limit"), "10");
    assert_eq!(field(&rejected, "x-ratelimit-remaining"), "3");
    assert_eq!(field(&rejected, "retry-after"), "6");
    assert_eq!(crate::limits::harness::facts(&rejected).used, 11);
    assert_eq!(&*crate::limits::harness::facts(&rejected).quota, "requests");

    // The batch that was rejected is charged to neither.
    respond(&limit, async |handle| {
        let left = handle.peek(1).await.unwrap();
        let left = left.states().iter().map(QuotaState::remaining);
        assert_eq!(left.collect::<Vec<_>>(), [2, 92]);
        Ok(())
    });
}

#[test]
fn a_batch_that_is_never_allowed_at_once_is_rejected_for_good() {
    let rejected = respond(&batches(), async |handle| {
        handle.acquire(101).await.map(drop)
    });

    assert_eq!(rejected.status(), 422);
    assert_eq!(problem(&rejected).kind(), Kind::CostExceedsLimit);
    assert_eq!(field(&rejected, "retry-after"), "");
    let exceeded = crate::limits::harness::facts(&rejected);
    let exceeded: Vec<_> = exceeded.exceeded().map(str::to_owned).collect();
    assert_eq!(exceeded, ["requests", "calls"]);
}

#[test]
fn one_quota_alone_may_be_acquired() {
    let limit = batches();

    let response = respond(&limit, async |handle| {
        handle.under("calls").unwrap().acquire(90).await.map(drop)
    });

    assert_eq!(response.status(), 200);
    assert_eq!(field(&response, "x-ratelimit-remaining"), "9");
    let rejected = respond(&limit, async |handle| {
        handle.under("calls").unwrap().acquire(90).await.map(drop)
    });
    assert_eq!(&*crate::limits::harness::facts(&rejected).quota, "calls");
}

#[tokio::test]
async fn a_rejection_of_a_handler_is_rendered_with_its_fields() {
    type Body = Full<Bytes>;
    let service = ServiceBuilder::new()
        .layer(EnvelopeLayer::new(ProblemDetails))
        .layer(batches())
        .service(service_fn(async |request: Request<Body>| {
            let handle = request.extensions().get::<RateLimitHandle>().unwrap();
            Ok::<Response<Body>, Infallible>(match handle.acquire(10).await {
                Ok(_) => Response::default(),
                Err(problem) => problem.into_empty_response(),
            })
        }));

    let rejected = oneshot(service, request("a").map(|()| Body::default())).await;

    assert_eq!(rejected.status, 429);
    assert_eq!(rejected.headers["retry-after"], "6");
    assert_eq!(rejected.headers["x-ratelimit-remaining"], "9");
    let body: Value = serde_json::from_slice(&rejected.body).unwrap();
    assert_eq!(body["violated-policies"], serde_json::json!(["requests"]));
    assert_eq!(body["retry_after"], 6);
}

const LOGIN: Quota = Quota::per_minute(2).named("login-account");

fn login() -> [Limit; 2] {
    [
        Limit::new(Quota::per_minute(100), ApiKey),
        Limit::in_handler(LOGIN),
    ]
}

fn guess(limit: &Layered, email: &str) -> Response<()> {
    respond(limit, async |handle| {
        handle
            .check("login-account", &Key::from(email))
            .await
            .map(drop)
    })
}

#[test]
fn a_handler_checks_a_limit_by_what_it_has_read() {
    let limits = Limits::from(login()).with_header_style(HeaderStyle::IETF);
    let limit = layer(limits).with_handle();

    let first = guess(&limit, "a@example.com");
    assert_eq!(
        field(&first, "ratelimit"),
        "\"minute\";r=99;t=1, \"login-account\";r=1;t=30"
    );
    assert_eq!(
        field(&first, "ratelimit-policy"),
        "\"minute\";q=100;w=60, \"login-account\";q=2;w=60"
    );
    assert_eq!(guess(&limit, "a@example.com").status(), 200);

    let rejected = guess(&limit, "a@example.com");
    assert_eq!(rejected.status(), 429);
    assert_eq!(field(&rejected, "retry-after"), "30");
    let facts = crate::limits::harness::facts(&rejected);
    assert_eq!(
        (&*facts.quota, facts.limit, facts.used),
        ("login-account", 2, 3)
    );
    assert_eq!(guess(&limit, "b@example.com").status(), 200);
    // A request that the handler checks nothing for is not under it.
    let none = respond(&limit, async |_| Ok(()));
    assert_eq!(field(&none, "ratelimit-policy"), "\"minute\";q=100;w=60");
}

#[test]
fn the_fields_have_what_was_checked_where_no_key_was_found() {
    let limits = Limits::from(login()).with_header_style(HeaderStyle::IETF);
    let limit = layer(limits).with_handle();
    let handler = service_fn(async |request: Request<()>| {
        let handle = request.extensions().get::<RateLimitHandle>().unwrap();
        handle
            .check("login-account", &Key::from("a"))
            .await
            .unwrap();
        Ok::<_, Infallible>(Response::new(()))
    });

    let response = block_on(limit.layer(handler).oneshot(Request::new(()))).unwrap();

    assert_eq!(field(&response, "ratelimit"), "\"login-account\";r=1;t=30");
    assert_eq!(
        field(&response, "ratelimit-policy"),
        "\"login-account\";q=2;w=60"
    );
}

#[test]
fn a_key_that_is_checked_again_is_described_once() {
    let limits = Limits::from(login()).with_header_style(HeaderStyle::IETF);
    let limit = layer(limits).with_handle();

    let response = respond(&limit, async |handle| {
        for _ in 0..2 {
            handle.check("login-account", &Key::from("a")).await?;
        }
        assert!(
            handle
                .check("login-account", &Key::from("a"))
                .await
                .is_err()
        );
        handle.refund(1).await.unwrap();
        handle
            .check("login-account", &Key::from("a"))
            .await
            .map(drop)
    });

    assert_eq!(response.status(), 200);
    assert_eq!(
        field(&response, "ratelimit"),
        "\"minute\";r=100;t=1, \"login-account\";r=0;t=60"
    );
}

#[test]
fn what_a_handler_has_checked_is_given_back_when_it_succeeds() {
    let [requests, login] = login();
    let limit = layer([requests, login.with_charge_on(ChargeOn::Failures)]).with_handle();
    let attempt = |is_right| {
        respond(&limit, async |handle| {
            handle.check("login-account", &Key::from("a")).await?;
            match is_right {
                true => Ok(()),
                false => Err(Problem::new(Kind::Unauthenticated)),
            }
        })
        .status()
        .as_u16()
    };

    assert_eq!([true; 9].map(attempt), [200; 9]);
    assert_eq!([false; 3].map(attempt), [401, 401, 429]);
    assert_eq!(attempt(true), 429, "the right password comes too late");
}

#[test]
fn a_name_that_no_limit_has_is_an_error_of_ours() {
    let limit = layer(login()).with_handle();

    // A limit with a key of its own is not for handlers.
    for name in ["login", "minute"] {
        let response = respond(&limit, async |handle| {
            handle.check(name, &Key::from("a")).await.map(drop)
        });

        assert_eq!(response.status(), 500);
        let source = std::error::Error::source(problem(&response)).unwrap();
        assert!(
            source.to_string().contains(&format!("{name:?}")),
            "{source}"
        );
    }
}

#[test]
fn a_limit_of_a_layer_further_out_is_checked() {
    let outer = layer(Limit::in_handler(LOGIN)).with_handle();
    let inner = layer(Limit::new(Quota::per_minute(100), ApiKey)).with_handle();
    let handler = service_fn(async |request: Request<()>| {
        let handle = request.extensions().get::<RateLimitHandle>().unwrap();
        let checked = handle.check("login-account", &Key::from("a")).await;
        Ok::<_, Infallible>(match checked {
            Ok(_) => Response::new(()),
            Err(problem) => problem.into_empty_response(),
        })
    });
    let service = outer.layer(inner.layer(handler));
    let send = || block_on(service.clone().oneshot(request("a"))).unwrap();

    send();
    assert_eq!(field(&send(), "x-ratelimit-limit"), "2");
    let rejected = send();

    assert_eq!(rejected.status(), 429);
    assert_eq!(
        &*crate::limits::harness::facts(&rejected).quota,
        "login-account"
    );
    assert_eq!(field(&rejected, "retry-after"), "30");
    assert_eq!(field(&rejected, "x-ratelimit-limit"), "2");
}

#[test]
fn a_handler_sees_what_a_dry_run_would_have_rejected() {
    let tried = Limit::new(per_minute("tried", 1), ApiKey).with_enforcement(Enforcement::DryRun);
    let enforced = Limit::new(per_minute("enforced", 9), ApiKey);
    let limit = layer([tried, enforced]).with_handle();
    let states = || {
        let seen = Mutex::new(Vec::new());
        let handler = service_fn(|request: Request<()>| {
            let states = request
                .extensions()
                .get::<RateLimitHandle>()
                .unwrap()
                .states();
            seen.lock()
                .unwrap()
                .extend(states.into_iter().map(|(quota, state)| {
                    let numbers = (state.limit(), state.used(), state.remaining());
                    (quota.name(), state.is_allowed(), numbers)
                }));
            ready(Ok::<_, Infallible>(Response::new(())))
        });
        assert_eq!(
            block_on(limit.layer(handler).oneshot(request("a")))
                .unwrap()
                .status(),
            200
        );
        seen.into_inner().unwrap()
    };

    assert_eq!(
        states(),
        [("tried", true, (1, 1, 0)), ("enforced", true, (9, 1, 8))]
    );
    assert_eq!(
        states(),
        [("tried", false, (1, 1, 0)), ("enforced", true, (9, 2, 7))]
    );
}

#[test]
fn a_look_is_not_taken_for_a_rejection() {
    let limits = [("many", 100), ("few", 10)]
        .map(|(name, count)| Limit::new(per_minute(name, count), ApiKey));
    let limit = layer(Limits::from(limits).with_header_style(HeaderStyle::IETF)).with_handle();

    let response = respond(&limit, async |handle| {
        assert!(!handle.peek(100).await.unwrap().is_allowed());
        assert!(handle.states().iter().all(|(_, state)| state.is_allowed()));
        Ok(())
    });

    assert_eq!(
        field(&response, "ratelimit"),
        "\"many\";r=99;t=1, \"few\";r=9;t=6"
    );
}

#[tokio::test]
async fn an_account_is_unlocked_by_hand() {
    let store = store();
    let quota = Quota::per_minute(2);
    let limit = RateLimitLayer::new(Limit::new(quota, ApiKey)).with_store(store.clone());
    let service = limit.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(()))
    }));
    let send = || service.clone().oneshot(request("a"));
    for status in [200, 200, 429] {
        assert_eq!(send().await.unwrap().status(), status);
    }
    let key = Key::from("a");
    let locked = store.peek(&quota, &key).await.unwrap();
    assert_eq!((locked.remaining(), locked.is_allowed()), (0, false));

    let unlocked = store.reset(&quota, &key).await.unwrap();

    assert_eq!((unlocked.remaining(), unlocked.used()), (2, 0));
    assert_eq!(send().await.unwrap().status(), 200);
    assert_eq!(store.peek(&quota, &key).await.unwrap().remaining(), 1);
}

#[test]
fn a_handle_is_there_whether_the_store_is_set_before_or_after() {
    let limit = || RateLimitLayer::new(Limit::new(Quota::per_minute(9), ApiKey));

    for limit in [
        limit().with_handle().with_store(store()),
        limit().with_store(store()).with_handle(),
    ] {
        let response = respond(&limit, async |handle| handle.acquire(3).await.map(drop));

        assert_eq!(field(&response, "x-ratelimit-remaining"), "5");
    }
}

/// A store whose connection breaks.
#[derive(Clone, Debug)]
struct Breaking {
    is_broken: Arc<AtomicBool>,
    store: MemoryStore<Still>,
}

impl Store for Breaking {
    type Error = &'static str;
    type Future = Ready<Result<Decision, &'static str>>;

    fn hash(&self, key: &Key<'_>) -> KeyHash {
        self.store.hash(key)
    }

    fn apply(
        &self,
        operation: Operation,
        requests: &[QuotaRequest],
        now: Option<Instant>,
    ) -> MaybeReady<Self::Future> {
        if self.is_broken.load(Ordering::Relaxed) {
            return MaybeReady::Pending(ready(Err("reset by peer")));
        }
        match self.store.apply(operation, requests, now) {
            MaybeReady::Ready(Ok(decision)) => MaybeReady::Ready(Ok(decision)),
            _ => MaybeReady::Ready(Err("not in memory")),
        }
    }
}

#[test]
fn a_store_that_breaks_off_is_a_503_of_the_handler() {
    let is_broken = Arc::new(AtomicBool::new(false));
    let store = Breaking {
        is_broken: is_broken.clone(),
        store: store(),
    };
    let limit = RateLimitLayer::new(login()).with_store(store).with_handle();
    for operation in ["check", "acquire", "charge", "refund", "peek"] {
        is_broken.store(false, Ordering::Relaxed);

        let response = respond(&limit, async |handle| {
            is_broken.store(true, Ordering::Relaxed);
            match operation {
                "check" => handle.check("login-account", &Key::from("a")).await?,
                "acquire" => handle.acquire(1).await?,
                "charge" => handle.charge(1).await?,
                "refund" => handle.refund(1).await?,
                _ => handle.peek(1).await?,
            };
            Ok(())
        });

        assert_eq!(response.status(), 503, "{operation}");
        assert_eq!(problem(&response).kind(), Kind::Unavailable);
        // What was decided before is described.
        assert_eq!(field(&response, "x-ratelimit-limit"), "100");
    }
    assert_eq!(response_of(&limit), 503, "nothing is let through");
}

fn response_of<St: Store>(limit: &RateLimitLayer<St>) -> u16 {
    respond(limit, async |_| Ok(())).status().as_u16()
}

#[test]
fn a_handler_that_charges_nothing_leaves_the_fields_as_they_are() {
    let with = batches();
    let plain = layer([
        Limit::new(per_minute("requests", 10), ApiKey),
        Limit::new(per_minute("calls", 100), ApiKey),
    ]);

    let with = respond(&with, async |_| Ok(()));

    assert_eq!(with.headers(), send(&plain, request("a")).headers());
}
