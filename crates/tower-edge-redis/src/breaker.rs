use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::telemetry;

/// Keeps a server that has failed several times in a row from being asked, and its timeout from being
/// waited for, by every request.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
}

/// Whether the server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BreakerState {
    /// It is asked by every request.
    Closed,
    /// A pause is over, and one request tries.
    HalfOpen,
    /// It is not asked before a pause is over.
    Open,
}

#[derive(Debug)]
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
    /// Leave to ask the server once, or none now.
    pub(crate) fn permit(self: &Arc<Self>) -> Option<Permit> {
        let mut state = self.lock();
        match *state {
            State::Closed { .. } => {}
            // The one that tried before may be held by somebody who does not poll it.
            State::HalfOpen { pause, until } | State::Open { pause, until }
                if Instant::now() >= until =>
            {
                let until = Instant::now() + pause;
                *state = State::HalfOpen { pause, until };
            }
            State::HalfOpen { .. } | State::Open { .. } => return None,
        }
        let is_probe = matches!(*state, State::HalfOpen { .. });
        Some(Permit {
            breaker: self.clone(),
            is_probe,
            is_told: false,
        })
    }

    pub(crate) fn state(&self) -> BreakerState {
        match *self.lock() {
            State::Closed { .. } => BreakerState::Closed,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
            State::Open { .. } => BreakerState::Open,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to ask the server once. Dropped without a word, as when a client leaves, it says nothing about
/// the server, and another may try.
#[derive(Debug)]
pub(crate) struct Permit {
    breaker: Arc<Breaker>,
    is_probe: bool,
    is_told: bool,
}

impl Permit {
    pub(crate) fn succeeded(mut self) {
        self.is_told = true;
        let mut state = self.breaker.lock();
        // What was asked before a pause says nothing about after it.
        let was_closed = matches!(*state, State::Closed { .. });
        if self.is_probe || was_closed {
            *state = State::default();
        }
        if self.is_probe && !was_closed {
            telemetry::breaker_is_open(false);
        }
    }

    pub(crate) fn failed(mut self) {
        self.is_told = true;
        let mut state = self.breaker.lock();
        let pause = match *state {
            State::Closed { failures } if failures + 1 < FAILURES => {
                *state = State::Closed {
                    failures: failures + 1,
                };
                return;
            }
            State::Closed { .. } => FIRST_PAUSE,
            State::HalfOpen { pause, .. } if self.is_probe => (2 * pause).min(LONGEST_PAUSE),
            State::HalfOpen { .. } | State::Open { .. } => return,
        };
        let until = Instant::now() + pause;
        *state = State::Open { pause, until };
        telemetry::breaker_is_open(true);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.is_probe || self.is_told {
            return;
        }
        let mut state = self.breaker.lock();
        if let State::HalfOpen { pause, .. } = *state {
            let until = Instant::now();
            *state = State::Open { pause, until };
        }
    }
}

/// So many failures in a row begin a pause.
pub(crate) const FAILURES: u32 = 5;
/// The next one is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn open(breaker: &Arc<Breaker>) {
        for _ in 0..FAILURES {
            breaker.permit().unwrap().failed();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn opens_after_failures_in_a_row_only() {
        let breaker = Arc::new(Breaker::default());
        for _ in 1..FAILURES {
            breaker.permit().unwrap().failed();
        }
        breaker.permit().unwrap().succeeded();
        for _ in 1..FAILURES {
            breaker.permit().unwrap().failed();
        }
        assert_eq!(breaker.state(), BreakerState::Closed);

        breaker.permit().unwrap().failed();

        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(breaker.permit().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn one_request_at_a_time_tries_after_the_pause() {
        let breaker = Arc::new(Breaker::default());
        open(&breaker);
        advance(FIRST_PAUSE - Duration::from_millis(1)).await;
        assert!(breaker.permit().is_none());
        advance(Duration::from_millis(1)).await;

        let probe = breaker.permit().unwrap();
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(breaker.permit().is_none());

        probe.succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_grows_up_to_the_longest() {
        let breaker = Arc::new(Breaker::default());
        open(&breaker);
        let mut pause = FIRST_PAUSE;
        for _ in 0..10 {
            advance(pause).await;
            breaker.permit().unwrap().failed();
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
        let breaker = Arc::new(Breaker::default());
        open(&breaker);
        advance(FIRST_PAUSE).await;

        drop(breaker.permit().unwrap());

        assert!(breaker.permit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_nobody_polls_makes_room_for_another_after_a_pause() {
        let breaker = Arc::new(Breaker::default());
        open(&breaker);
        advance(FIRST_PAUSE).await;
        let held = breaker.permit().unwrap();
        assert!(breaker.permit().is_none());

        advance(FIRST_PAUSE).await;

        breaker.permit().unwrap().succeeded();
        held.succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_asked_before_the_pause_does_not_end_it() {
        let breaker = Arc::new(Breaker::default());
        let early = breaker.permit().unwrap();
        open(&breaker);

        early.succeeded();

        assert_eq!(breaker.state(), BreakerState::Open);
    }
}
