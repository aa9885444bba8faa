use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

/// Requests of one account that wait while one of them asks the server for more.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// How many are woken when that one is done.
    brought: AtomicUsize,
    is_asking: AtomicBool,
    waiting: Notify,
}

/// Leave to ask for more of some accounts. When it is dropped, by an answer or as a client leaves, those
/// that wait go on.
#[derive(Debug, Default)]
pub(crate) struct Ticket(Vec<Arc<Queue>>);

impl Queue {
    pub(crate) fn is_asking(&self) -> bool {
        self.is_asking.load(Ordering::Acquire)
    }

    /// Says how many units were brought; with none, all have to ask for themselves.
    pub(crate) fn bring(&self, units: Option<u32>) {
        let waiting = units.map_or(ALL, |units| usize::try_from(units).unwrap_or(ALL));
        self.brought.store(waiting, Ordering::Release);
    }

    /// Waits for its turn, and no longer than this; whether that has come.
    pub(crate) async fn wait(&self, no_longer_than: Duration) -> bool {
        let mut turn = pin!(self.waiting.notified());
        turn.as_mut().enable();
        // What is done by now wakes nobody that comes later.
        !self.is_asking() || timeout(no_longer_than, turn).await.is_ok()
    }
}

impl Ticket {
    pub(crate) fn take(&mut self, queue: &Arc<Queue>) {
        queue.brought.store(0, Ordering::Release);
        queue.is_asking.store(true, Ordering::Release);
        self.0.push(queue.clone());
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        for queue in &self.0 {
            queue.is_asking.store(false, Ordering::Release);
            match queue.brought.load(Ordering::Acquire) {
                ALL => queue.waiting.notify_waiters(),
                // One more, which asks next.
                units => (0..=units).for_each(|_| queue.waiting.notify_one()),
            }
        }
    }
}

const ALL: usize = usize::MAX;

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;
    use tokio::time::Instant;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn asking() -> (Arc<Queue>, Ticket) {
        let (queue, mut ticket) = (Arc::<Queue>::default(), Ticket::default());
        ticket.take(&queue);
        (queue, ticket)
    }

    /// Whether five that wait go on before a second is over, once the ticket is dropped.
    async fn go_on(queue: &Arc<Queue>, ticket: Ticket) -> [bool; 5] {
        let waiting = [(); 5].map(|()| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.wait(SECOND).await })
        });
        yield_now().await;
        drop(ticket);
        let mut on = [false; 5];
        for (on, waiting) in on.iter_mut().zip(waiting) {
            *on = waiting.await.unwrap();
        }
        on
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_go_on_as_units_were_brought_and_one_to_ask_next() {
        let (queue, ticket) = asking();
        queue.bring(Some(2));

        assert_eq!(
            go_on(&queue, ticket).await,
            [true, true, true, false, false]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn with_little_brought_all_go_on() {
        let (queue, ticket) = asking();
        queue.bring(None);

        assert_eq!(go_on(&queue, ticket).await, [true; 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_comes_when_all_is_done_does_not_wait() {
        let (queue, ticket) = asking();
        queue.bring(None);
        drop(ticket);

        assert!(queue.wait(Duration::ZERO).await);
        let begun = Instant::now();
        assert!(queue.wait(SECOND).await);
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
