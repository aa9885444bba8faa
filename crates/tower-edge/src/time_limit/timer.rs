use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep};

/// Ready when the timer's time has come, with the time that it is.
///
/// By the clock too, since a task that has spent tokio's whole budget is not told by a timer.
pub(crate) fn poll_timer(mut timer: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<Instant> {
    let is_pending = timer.as_mut().poll(cx).is_pending();
    let now = Instant::now();
    if is_pending && now < timer.deadline() {
        Poll::Pending
    } else {
        Poll::Ready(now)
    }
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
