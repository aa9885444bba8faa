use std::mem;
use std::time::Duration;

use crate::sync::{AtomicBool, Instant, Mutex, Ordering, lock};
use crate::{RedisStoreError, telemetry};

/// Logs once that the server is lost, with the reason, and once that it is back.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// The same as in `state`, so that requests without an outage take no lock.
    has_begun: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    begun: Option<Instant>,
    is_logged: bool,
    last_logged: Option<Instant>,
}

impl Outage {
    /// The server has not decided.
    pub(crate) fn begin(&self, error: &RedisStoreError) {
        if telemetry::LOGS && self.is_to_be_logged(error) {
            telemetry::log_lost(error);
        }
    }

    /// The server has decided.
    pub(crate) fn end(&self) {
        if self.has_begun.load(Ordering::Relaxed) && self.was_logged() {
            telemetry::log_back();
        }
    }

    /// Whether to log the outage now. A late reply or a closed connection is logged only if the outage lasts: by then
    /// an attempt to connect has ended, and its error is the reason. A server that fails every other time does not fill
    /// the log.
    fn is_to_be_logged(&self, error: &RedisStoreError) -> bool {
        let mut state = lock(&self.state);
        let begun = *state.begun.get_or_insert_with(Instant::now);
        self.has_begun.store(true, Ordering::Relaxed);
        let is_early = is_passing(error) && begun.elapsed() < LONGEST_DELAY;
        let is_soon = state.last_logged.is_some_and(|last| last.elapsed() < QUIET);
        if state.is_logged || is_early || is_soon {
            return false;
        }
        state.is_logged = true;
        state.last_logged = Some(Instant::now());
        true
    }

    fn was_logged(&self) -> bool {
        let mut state = lock(&self.state);
        state.begun = None;
        self.has_begun.store(false, Ordering::Relaxed);
        mem::take(&mut state.is_logged)
    }
}

/// Whether the next request may succeed.
fn is_passing(error: &RedisStoreError) -> bool {
    match error {
        RedisStoreError::Redis(error) => {
            error.is_connection_dropped() && !error.is_connection_refusal()
        }
        RedisStoreError::TimedOut { .. } => true,
        _ => false,
    }
}

/// The time from the first such failure to the warning.
const LONGEST_DELAY: Duration = Duration::from_secs(1);
/// The time between two warnings.
const QUIET: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use std::io;

    use tokio::time::advance;

    use super::*;

    const LATE: RedisStoreError = RedisStoreError::TimedOut {
        after: Duration::from_millis(20),
    };

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_logged_once_until_it_has_ended() {
        let outage = Outage::default();

        assert!(outage.is_to_be_logged(&RedisStoreError::Reply));
        advance(2 * QUIET).await;
        assert!(!outage.is_to_be_logged(&RedisStoreError::Reply));
        assert!(outage.was_logged());
        assert!(outage.is_to_be_logged(&RedisStoreError::Reply));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_begins_soon_after_another_is_not_logged_yet() {
        let outage = Outage::default();
        assert!(outage.is_to_be_logged(&RedisStoreError::Reply));
        assert!(outage.was_logged());

        advance(QUIET / 2).await;
        assert!(!outage.is_to_be_logged(&RedisStoreError::Reply));
        assert!(!outage.was_logged());
        advance(QUIET / 2).await;
        assert!(outage.is_to_be_logged(&RedisStoreError::Reply));
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_logged_when_it_has_lasted_for_a_while() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        for error in [LATE, RedisStoreError::Redis(closed.into())] {
            let outage = Outage::default();
            assert!(!outage.is_to_be_logged(&error));
            advance(LONGEST_DELAY / 2).await;
            assert!(!outage.is_to_be_logged(&error));
            assert!(!outage.was_logged());

            assert!(!outage.is_to_be_logged(&error));
            advance(LONGEST_DELAY).await;

            assert!(outage.is_to_be_logged(&error));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reason_that_comes_after_a_timeout_is_logged_at_once() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        for error in [
            RedisStoreError::Reply,
            RedisStoreError::Redis(refused.into()),
        ] {
            let outage = Outage::default();
            assert!(!outage.is_to_be_logged(&LATE));

            assert!(outage.is_to_be_logged(&error));
        }
    }
}
