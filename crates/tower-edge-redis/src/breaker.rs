use std::mem;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{FAILURES, FIRST_PAUSE, LONGEST_PAUSE};
use crate::sync::{Instant, Mutex, lock};
use crate::telemetry::OpenBreakers;

/// Keeps requests from waiting for a server that has failed several times in a row.
#[derive(Debug)]
pub(crate) struct Breaker {
    gauge: OpenBreakers,
    /// How long a probe may take.
    timeout: Duration,
    state: Mutex<State>,
}

/// Whether the server is called.
#[doc(alias("circuit breaker", "CircuitState"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BreakerState {
    /// Every request calls the server.
    Closed,
    /// A pause is over, and one request calls the server.
    HalfOpen,
    /// No request calls the server before a pause is over.
    Open,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failures: u32 },
    HalfOpen { pause: Duration, until: Instant },
    Open { pause: Duration, until: Instant },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    pub(crate) fn new(timeout: Duration, store: &Arc<str>) -> Self {
        Self {
            gauge: OpenBreakers::new(store),
            timeout,
            state: Mutex::default(),
        }
    }

    /// A permit to call the server once. `None` while no request may call it.
    pub(crate) fn permit(&self) -> Option<Permit<'_>> {
        self.gauge.register();
        let mut state = lock(&self.state);
        let is_probe = match *state {
            State::Closed { .. } => false,
            // An earlier probe may belong to a future that is no longer polled.
            State::HalfOpen { pause, until } | State::Open { pause, until } => {
                let now = Instant::now();
                if now < until {
                    return None;
                }
                let until = now + pause.max(self.timeout);
                *state = State::HalfOpen { pause, until };
                true
            }
        };
        let breaker = self;
        Some(Permit { breaker, is_probe })
    }

    pub(crate) fn state(&self) -> BreakerState {
        match *lock(&self.state) {
            State::Closed { .. } => BreakerState::Closed,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
            State::Open { .. } => BreakerState::Open,
        }
    }
}

/// A dropped store has no open breaker.
impl Drop for Breaker {
    fn drop(&mut self) {
        if self.state() != BreakerState::Closed {
            self.gauge.add(-1.0);
        }
    }
}

/// A permit to call the server once. A permit that is dropped without a result, as when a client leaves, says nothing
/// about the server.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    /// Whether this call is a probe, until its result is recorded.
    is_probe: bool,
}

impl Permit<'_> {
    /// Records the result. Returns whether it describes the server's present state.
    pub(crate) fn record(mut self, is_success: bool) -> bool {
        let is_probe = mem::take(&mut self.is_probe);
        let mut state = lock(&self.breaker.state);
        let before = *state;
        *state = match (before, is_success) {
            // A call from before a pause does not show the state after it.
            (State::HalfOpen { .. } | State::Open { .. }, _) if !is_probe => return false,
            (_, true) => State::default(),
            (State::Closed { failures }, false) if failures + 1 < FAILURES => {
                let failures = failures + 1;
                State::Closed { failures }
            }
            (State::Closed { .. }, false) => open(FIRST_PAUSE),
            (State::HalfOpen { pause, .. }, false) => open((2 * pause).min(LONGEST_PAUSE)),
            // Another probe has failed meanwhile.
            (State::Open { .. }, false) => return false,
        };
        match (before, *state) {
            (State::Closed { .. }, State::Open { .. }) => self.breaker.gauge.add(1.0),
            (State::HalfOpen { .. } | State::Open { .. }, State::Closed { .. }) => {
                self.breaker.gauge.add(-1.0);
            }
            _ => {}
        }
        true
    }
}

/// Another request may probe at once.
impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.is_probe {
            return;
        }
        let mut state = lock(&self.breaker.state);
        if let State::HalfOpen { pause, .. } = *state {
            let until = Instant::now();
            *state = State::Open { pause, until };
        }
    }
}

fn open(pause: Duration) -> State {
    let until = Instant::now() + pause;
    State::Open { pause, until }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn closed() -> Breaker {
        Breaker::new(Duration::ZERO, &"default".into())
    }

    fn opened() -> Breaker {
        let breaker = closed();
        for _ in 0..FAILURES {
            breaker.permit().unwrap().record(false);
        }
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_failures_in_a_row_only() {
        let breaker = closed();
        for _ in 1..FAILURES {
            breaker.permit().unwrap().record(false);
        }
        breaker.permit().unwrap().record(true);
        for _ in 1..FAILURES {
            breaker.permit().unwrap().record(false);
        }
        assert_eq!(breaker.state(), BreakerState::Closed);

        breaker.permit().unwrap().record(false);

        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(breaker.permit().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_at_a_time_tries_after_the_pause() {
        let breaker = opened();
        advance(FIRST_PAUSE - Duration::from_millis(1)).await;
        assert!(breaker.permit().is_none());
        advance(Duration::from_millis(1)).await;

        let probe = breaker.permit().unwrap();
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(breaker.permit().is_none());

        probe.record(true);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_grows_up_to_the_longest() {
        let breaker = opened();
        let mut pause = FIRST_PAUSE;
        for _ in 0..10 {
            advance(pause).await;
            breaker.permit().unwrap().record(false);
            pause = (2 * pause).min(LONGEST_PAUSE);

            advance(pause - Duration::from_millis(1)).await;
            assert!(breaker.permit().is_none(), "{pause:?}");
            advance(Duration::from_millis(1)).await;
            drop(breaker.permit().unwrap());
        }
        assert_eq!(pause, LONGEST_PAUSE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_whose_client_leaves_makes_room_for_another() {
        let breaker = opened();
        advance(FIRST_PAUSE).await;

        drop(breaker.permit().unwrap());

        assert!(breaker.permit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_nobody_polls_makes_room_for_another_after_a_pause() {
        let breaker = opened();
        advance(FIRST_PAUSE).await;
        let held = breaker.permit().unwrap();
        assert!(breaker.permit().is_none());

        advance(FIRST_PAUSE).await;

        breaker.permit().unwrap().record(true);
        held.record(true);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_from_before_the_pause_does_not_end_it() {
        let breaker = closed();
        let early = breaker.permit().unwrap();
        for _ in 0..FAILURES {
            breaker.permit().unwrap().record(false);
        }

        early.record(true);

        assert_eq!(breaker.state(), BreakerState::Open);
    }
}
