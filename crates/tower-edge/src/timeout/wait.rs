use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Body, Frame};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};
use tower_edge_core::problem::Phase;

use super::{Due, Limit};

pin_project! {
    /// A wait for a frame, and its timer: one for many frames, as it is moved when it fires and not at
    /// each frame. Made at the first wait, in a box, since every message would be 140 bytes larger for
    /// it, and is moved some ten times on its way: that is 350 instructions for nothing where a body does
    /// not wait.
    #[derive(Debug)]
    pub(super) struct Wait {
        since: Option<Instant>,
        #[pin]
        sleep: Sleep,
    }
}

impl Wait {
    pub(super) fn new() -> Self {
        Self {
            since: None,
            sleep: tokio::time::sleep(Duration::MAX),
        }
    }

    /// There is a frame: the next wait begins anew.
    pub(super) fn ends(self: Pin<&mut Self>) {
        *self.project().since = None;
    }

    /// Resolves to the limit that is over, on this wait or at that end, and when that was seen.
    pub(super) fn poll(
        self: Pin<&mut Self>,
        idle: Limit,
        phase: Phase,
        end: Option<Due>,
        cx: &mut Context<'_>,
    ) -> Poll<(Due, Instant)> {
        let mut this = self.project();
        let since = *this.since.get_or_insert_with(Instant::now);
        let stalled = Due::after(since, idle, phase);
        let Some(due) = Due::sooner(stalled, end) else {
            return Poll::Pending;
        };
        loop {
            // A timer that is set for an earlier wait may fire first.
            if this.sleep.deadline() > due.at {
                this.sleep.as_mut().reset(due.at);
            }
            let now = ready!(poll_timer(this.sleep.as_mut(), cx));
            if now >= due.at {
                return Poll::Ready((due, now));
            }
            this.sleep.as_mut().reset(due.at);
        }
    }
}

/// Ready when the timer's time has come, with the time that it is.
///
/// By the clock too, since a task that has spent tokio's whole budget is not told by a timer.
pub(super) fn poll_timer(mut timer: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<Instant> {
    let is_pending = timer.as_mut().poll(cx).is_pending();
    let now = Instant::now();
    if is_pending && now < timer.deadline() {
        Poll::Pending
    } else {
        Poll::Ready(now)
    }
}

/// The end that this frame came after, and when that was seen.
///
/// A body whose frames are always ready never polls a timer, so the clock is read once for each of them,
/// where there is an end at all. `None` for that with which the body is over: trailers, an error, the last
/// of its data. What is whole is not thrown away.
pub(super) fn expired<B: Body>(
    end: Option<Due>,
    frame: Option<&Result<Frame<B::Data>, B::Error>>,
    body: &B,
) -> Option<(Due, Instant)> {
    let due = end?;
    let Some(Ok(frame)) = frame else {
        return None;
    };
    let now = Instant::now();
    (now > due.at && frame.is_data() && !body.is_end_stream()).then_some((due, now))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_has_spent_its_budget_is_told_by_the_clock() {
        let second = Duration::from_secs(1);
        let mut timer = Box::pin(tokio::time::sleep(second));

        for (passed, is_ready) in [(second / 2, false), (second / 2, true)] {
            tokio::time::advance(passed).await;
            let is_spent = poll_fn(|cx| {
                spend(cx);
                let alone = timer.as_mut().poll(cx).is_pending();
                let polled = poll_timer(timer.as_mut(), cx);
                Poll::Ready((alone, polled.is_ready()))
            });

            assert_eq!(is_spent.await, (true, is_ready), "{passed:?}");
        }
    }

    /// Leaves nothing of tokio's budget for this poll.
    fn spend(cx: &mut Context<'_>) {
        while std::pin::pin!(tokio::task::consume_budget())
            .poll(cx)
            .is_ready()
        {}
    }
}
