use std::time::{Duration, SystemTime};

use crate::account::micros;
use crate::sync::{AtomicI64, Ordering};

/// The server's clock, as this machine knows it: how far it is ahead of its own, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct ServerClock {
    ahead: AtomicI64,
}

impl ServerClock {
    /// The likely time of the server since the Unix epoch.
    pub(crate) fn unix_time(&self) -> Duration {
        let ahead = self.ahead.load(Ordering::Relaxed);
        Duration::from_micros(micros(unix_now()).saturating_add_signed(ahead))
    }

    pub(crate) fn learn(&self, now: Duration) {
        let signed = |time| i64::try_from(micros(time)).unwrap_or(i64::MAX);
        let ahead = signed(now).saturating_sub(signed(unix_now()));
        self.ahead.store(ahead, Ordering::Relaxed);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it is only a guess at what the server's clock shows"
)]
fn unix_now() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_the_server_has_sent_is_likely_from_then_on() {
        let (clock, day) = (ServerClock::default(), Duration::from_secs(86_400));
        let minute = Duration::from_secs(60);
        assert!(clock.unix_time().abs_diff(unix_now()) < minute);

        for server in [unix_now() + day, unix_now() - day, Duration::ZERO] {
            clock.learn(server);

            assert!(clock.unix_time().abs_diff(server) < minute, "{server:?}");
        }
    }

    #[test]
    fn a_time_beyond_all_numbers_is_as_late_as_they_go() {
        let (clock, last) = (ServerClock::default(), Duration::from_micros(1 << 63));
        for server in [last, Duration::from_secs(u64::MAX), Duration::MAX] {
            clock.learn(server);

            let minute = Duration::from_secs(60);
            assert!(clock.unix_time().abs_diff(last) < minute, "{server:?}");
        }
    }
}
