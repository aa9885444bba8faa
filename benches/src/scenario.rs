//! A request that is made again and again, and how it is counted and timed.

use std::convert::Infallible;
use std::fmt;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use http::{Request, Response};
use tower::{Service, ServiceExt};
use tower_edge::rate_limit::Quota;

use crate::requests::{CASES, Case};

/// A request that is made again and again.
pub struct Scenario {
    name: String,
    once: Box<dyn FnMut()>,
}

/// Each case of a form: `five/layered/429` is the 429 of the form `five` in the place `layered`. The
/// bare form of a place is what the others of that place are compared with.
///
/// A service is built when it is first called, and a clone of it called, as servers do.
pub(crate) fn cases<S, B, R>(
    form: &str,
    place: &str,
    service: impl Fn(Quota) -> S + Copy + 'static,
) -> Vec<Scenario>
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible> + Clone + 'static,
    B: Default + 'static,
    R: 'static,
{
    let scenario = |case: &'static Case| {
        let mut built = None;
        Scenario::new(format!("{form}/{place}/{}", case.response), move || {
            let service = built.get_or_insert_with(|| service(case.quota));
            drop(black_box(to_end(service.clone().oneshot(case.request()))));
        })
    };
    CASES.iter().map(scenario).collect()
}

impl Scenario {
    pub(crate) fn new(name: impl Into<String>, once: impl FnMut() + 'static) -> Self {
        Self {
            name: name.into(),
            once: Box::new(once),
        }
    }

    /// The name by which it is selected.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Does it so many times.
    pub fn run(&mut self, times: usize) {
        for _ in 0..times {
            (self.once)();
        }
    }
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// callgrind counts inside of this function only, and dumps its counters when it returns.
#[inline(never)]
pub fn measured_region(scenario: &mut Scenario) {
    scenario.run(REQUESTS);
    // Without something to come back to, the call would be a jump, and the return not be seen.
    black_box(scenario);
}

/// The median time of one request each, in nanoseconds; the rounds of all scenarios take turns, so
/// that a noisy moment of the machine hits all alike.
#[expect(clippy::disallowed_methods, reason = "this is a measurement of time")]
pub fn times(scenarios: &mut [Scenario]) -> Vec<f64> {
    let mut rounds = vec![Vec::with_capacity(ROUNDS); scenarios.len()];
    for _ in 0..ROUNDS {
        for (scenario, times) in scenarios.iter_mut().zip(&mut rounds) {
            let start = Instant::now();
            scenario.run(BATCH);
            times.push(start.elapsed().as_secs_f64() * 1e9 / BATCH as f64);
        }
    }
    rounds.into_iter().map(median).collect()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Polls a future until it is ready: nothing here waits for anything that is not.
pub(crate) fn to_end<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// How many requests are measured at once.
pub const REQUESTS: usize = 500;
const BATCH: usize = 200;
const ROUNDS: usize = 101;
