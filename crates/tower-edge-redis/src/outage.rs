use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{AsyncConnectionConfig, Client};
use tokio::time::Instant;

use crate::{RedisStoreError, telemetry};

/// Logs once that the server is lost, and once that it is back.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// The same as in `state`, for those who find none.
    has_begun: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    /// It is being found out why the server does not answer.
    Diagnosed,
    Logged,
    #[default]
    None,
}

impl Outage {
    /// The server has failed to answer.
    ///
    /// An answer that is late is no outage before so many are that the server is not asked any more. Who
    /// waits for a connection learns only that it has not come in time, so that one is made to find out why.
    pub(crate) fn begin(
        self: &Arc<Self>,
        error: &RedisStoreError,
        is_paused: bool,
        client: Option<&Client>,
    ) {
        let is_late = matches!(error, RedisStoreError::TimedOut { .. });
        if !telemetry::LOGS || is_late && !is_paused {
            return;
        }
        let client = client.filter(|_| is_late);
        let progress = match client {
            Some(_) => Progress::Diagnosed,
            None => Progress::Logged,
        };
        if !self.advance(Progress::None, progress) {
            return;
        }
        match (client.cloned(), error) {
            (Some(client), &RedisStoreError::TimedOut { after }) => {
                let outage = self.clone();
                drop(tokio::spawn(async move {
                    let error = diagnosis(&client).await;
                    let error = error.unwrap_or(RedisStoreError::TimedOut { after });
                    if outage.advance(Progress::Diagnosed, Progress::Logged) {
                        telemetry::log_lost(&error);
                    }
                }));
            }
            _ => telemetry::log_lost(error),
        }
    }

    /// The server has answered.
    pub(crate) fn end(&self) {
        if !self.has_begun.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.lock();
        let was = std::mem::take(&mut state.progress);
        self.has_begun.store(false, Ordering::Relaxed);
        drop(state);
        if was == Progress::Logged {
            telemetry::log_back();
        }
    }

    /// Whether this was the progress, and so is now the other. None begins soon after the last has, as a
    /// server that fails every other time would fill the log.
    fn advance(&self, from: Progress, to: Progress) -> bool {
        let mut state = self.lock();
        let begins = from == Progress::None;
        let is_soon = state.last.is_some_and(|last| last.elapsed() < QUIET);
        if state.progress != from || begins && is_soon {
            return false;
        }
        if begins {
            state.last = Some(Instant::now());
        }
        state.progress = to;
        self.has_begun.store(true, Ordering::Relaxed);
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there is no connection to the server; `None` when there is one, and so it is only slow.
async fn diagnosis(client: &Client) -> Option<RedisStoreError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(LONGEST_DIAGNOSIS))
        .set_response_timeout(Some(LONGEST_DIAGNOSIS));
    let connection = client.get_multiplexed_async_connection_with_config(&config);
    connection.await.err().map(RedisStoreError::Redis)
}

const LONGEST_DIAGNOSIS: Duration = Duration::from_secs(1);
/// From one outage to the next.
const QUIET: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_logged_once_until_it_has_ended() {
        let outage = Outage::default();

        assert!(outage.advance(Progress::None, Progress::Logged));
        advance(2 * QUIET).await;
        assert!(!outage.advance(Progress::None, Progress::Logged));
        outage.end();
        assert!(outage.advance(Progress::None, Progress::Logged));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_begins_soon_after_another_is_not_logged_yet() {
        let outage = Outage::default();
        assert!(outage.advance(Progress::None, Progress::Logged));
        outage.end();

        advance(QUIET / 2).await;
        assert!(!outage.advance(Progress::None, Progress::Logged));
        advance(QUIET / 2).await;
        assert!(outage.advance(Progress::None, Progress::Logged));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_ends_before_its_reason_is_known_is_not_logged() {
        let outage = Outage::default();
        assert!(outage.advance(Progress::None, Progress::Diagnosed));

        outage.end();

        assert!(!outage.advance(Progress::Diagnosed, Progress::Logged));
    }
}
