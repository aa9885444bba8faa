use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::scenario::Scenario;

/// How many requests are measured at once.
pub const REQUESTS: usize = 500;

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

const BATCH: usize = 200;
const ROUNDS: usize = 101;
