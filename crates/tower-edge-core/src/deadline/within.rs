use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Deadline;

pin_project! {
    /// A future for which its deadline is the [current](Deadline::current) one, on whatever thread it
    /// is polled.
    #[derive(Debug)]
    pub struct Within<F> {
        deadline: Deadline,
        #[pin]
        future: F,
    }
}

impl<F> Within<F> {
    pub(super) const fn new(deadline: Deadline, future: F) -> Self {
        Self { deadline, future }
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.deadline.scope(|| this.future.poll(cx))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio_test::task;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn a_deadline_goes_with_its_future_to_another_thread_and_not_beyond() {
        let deadline = Deadline::at(Instant::now());
        let mut future = task::spawn(deadline.within(async { Deadline::current() }));

        let polled = std::thread::spawn(move || {
            let polled = future.poll();
            (polled, Deadline::current())
        });

        assert_eq!(polled.join().unwrap(), (Poll::Ready(Some(deadline)), None));
    }
}
