//! Tokio's functions under shuttle, by a clock that advances when a task waits for it.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::ops::Add;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

pub(crate) use shuttle::future::spawn;
use shuttle::future::yield_now;
use shuttle::rand::{Rng, thread_rng};

// All tasks of a schedule run on one thread.
thread_local! {
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static EXPIRES: Cell<bool> = const { Cell::new(false) };
}

/// Resets the clock, and sets whether timeouts may expire. If none may, a task that is never woken is a deadlock.
pub(crate) fn clock(expires: bool) {
    NOW.set(Duration::ZERO);
    EXPIRES.set(expires);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

impl Instant {
    pub(crate) fn now() -> Self {
        Self(NOW.get())
    }

    pub(crate) fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }

    fn reach(self) {
        NOW.set(NOW.get().max(self.0));
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0 + time)
    }
}

pub(crate) async fn sleep(time: Duration) {
    let until = Instant::now() + time;
    for _ in 0..thread_rng().gen_range(1..4) {
        yield_now().await;
    }
    until.reach();
}

/// Expires at any time, or never.
pub(crate) async fn timeout<T>(
    time: Duration,
    future: impl Future<Output = T>,
) -> Result<T, Duration> {
    let until = Instant::now() + time;
    let mut future = pin!(future);
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        if EXPIRES.get() {
            context.waker().wake_by_ref();
            if thread_rng().gen_ratio(1, 8) {
                until.reach();
                return Poll::Ready(Err(time));
            }
        }
        Poll::Pending
    })
    .await
}
