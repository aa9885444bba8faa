//! A request that is made again and again, and how it is counted and timed.

use std::convert::Infallible;
use std::fmt;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use http::{Request, Response};
use tower::{Service, ServiceExt};

/// A request that is made again and again.
pub struct Scenario {
    name: &'static str,
    once: Box<dyn FnMut()>,
}

impl Scenario {
    /// Sends the request to a clone of the service, as servers do.
    pub(crate) fn new<S, B, R>(name: &'static str, service: S, request: fn() -> Request<B>) -> Self
    where
        S: Service<Request<B>, Response = Response<R>, Error = Infallible> + Clone + 'static,
        B: 'static,
        R: 'static,
    {
        let once = move || drop(black_box(to_end(service.clone().oneshot(request()))));
        Self {
            name,
            once: Box::new(once),
        }
    }

    /// Anything else.
    pub(crate) fn of(name: &'static str, once: impl FnMut() + 'static) -> Self {
        Self {
            name,
            once: Box::new(once),
        }
    }

    /// By what it is asked for.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
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
