//! The parts that can be measured without a request: the limiter's table, and the bytes of a body.

use std::hint::black_box;
use std::num::NonZeroU32;

use governor::Quota;
use governor::RateLimiter;
use serde::Serialize;
use tower_edge::core::Context;
use tower_edge::core::Format;
use tower_edge::core::Kind;
use tower_edge::core::Problem;
use tower_edge::envelope::format::MediaNest;
use tower_edge::rate_limit::Demand;
use tower_edge::rate_limit::Key;
use tower_edge::rate_limit::MemoryStore;
use tower_edge::rate_limit::Store;

use crate::layers::PLENTY;
use crate::scenario::Scenario;

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        nothing(),
        check(),
        governor_check(),
        render(),
        serde_render(),
    ]
}

/// What calling a closure costs.
fn nothing() -> Scenario {
    Scenario::of("nothing", || {
        black_box(());
    })
}

fn check() -> Scenario {
    let store = MemoryStore::new(65_536);
    let policy = PLENTY.policy().unwrap_or_else(|_| unreachable!("a policy"));
    Scenario::of("store_check", move || {
        let demand = Demand::new(&policy, Key::Text(black_box(b"pk_test_1234")));
        let _ = black_box(store.check(&[demand]));
    })
}

fn governor_check() -> Scenario {
    let quota = Quota::per_second(NonZeroU32::MAX);
    let limiter = RateLimiter::<String, _, _>::keyed(quota);
    Scenario::of("governor_check", move || {
        let _ = black_box(limiter.check_key(&black_box("pk_test_1234").to_owned()));
    })
}

fn render() -> Scenario {
    let problem = Problem::new(Kind::NotFound);
    Scenario::of("render", move || {
        let mut out = Vec::with_capacity(256);
        MediaNest.body(black_box(&problem), &Context::default(), &mut out);
        black_box(out);
    })
}

/// The same bytes by a derive.
fn serde_render() -> Scenario {
    Scenario::of("serde_render", || {
        let error = ErrorBody {
            code: "NOT_FOUND",
            message: "The requested resource was not found.",
        };
        let body = Body {
            success: false,
            error,
        };
        black_box(serde_json::to_vec(black_box(&body)).unwrap_or_default());
    })
}

#[derive(Serialize)]
pub(crate) struct Body<'a> {
    pub(crate) success: bool,
    pub(crate) error: ErrorBody<'a>,
}

#[derive(Serialize)]
pub(crate) struct ErrorBody<'a> {
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
}
