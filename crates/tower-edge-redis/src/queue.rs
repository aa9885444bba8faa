use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

/// Requests of one account that wait while one of them asks the server for more.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// Whether all go on when that one is done; else one, which wakes the next.
    is_for_all: AtomicBool,
    is_asking: AtomicBool,
    /// How many have asked.
    turns: AtomicUsize,
    waiting: Notify,
}

/// What has become of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// Others have asked in its place for so long that it is better to ask at once.
    Enough,
    /// Its time is over, and one asks still.
    InVain,
    /// It is woken.
    Turn,
}

/// Leave to ask for more of some accounts. When it is dropped, by an answer or as a client leaves, those
/// that wait go on.
#[derive(Debug, Default)]
pub(crate) struct Ticket(Vec<Arc<Queue>>);

impl Queue {
    pub(crate) fn is_asking(&self) -> bool {
        self.is_asking.load(Ordering::Acquire)
    }

    /// Has all that wait go on when the one that asks is done, as they have to ask for themselves.
    pub(crate) fn part(&self) {
        self.is_for_all.store(true, Ordering::Release);
    }

    /// Has the next go on, after one that went on has seen to itself. Where one asks, that one does it when
    /// it is done.
    pub(crate) fn pass_on(&self) {
        if !self.is_asking() {
            self.waiting.notify_one();
        }
    }

    /// Waits for its turn, and no longer than this.
    pub(crate) async fn wait(&self, patience: Duration, mut no_longer_than: Duration) -> Waited {
        let mut turn = pin!(self.waiting.notified());
        turn.as_mut().enable();
        let turns = self.turns.load(Ordering::Acquire);
        // What is done by now wakes nobody that comes later.
        if !self.is_asking() {
            return Waited::Turn;
        }
        while no_longer_than > Duration::ZERO {
            let patience = patience.min(no_longer_than);
            if timeout(patience, turn.as_mut()).await.is_ok() {
                return Waited::Turn;
            }
            if self.turns.load(Ordering::Acquire) != turns {
                return Waited::Enough;
            }
            no_longer_than = no_longer_than.saturating_sub(patience.max(SHORTEST));
        }
        Waited::InVain
    }
}

impl Ticket {
    pub(crate) fn take(&mut self, queue: &Arc<Queue>) {
        queue.is_for_all.store(false, Ordering::Release);
        queue.is_asking.store(true, Ordering::Release);
        queue.turns.fetch_add(1, Ordering::AcqRel);
        self.0.push(queue.clone());
    }

    pub(crate) fn is_of(&self, queue: &Arc<Queue>) -> bool {
        self.0.iter().any(|other| Arc::ptr_eq(other, queue))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        for queue in &self.0 {
            queue.is_asking.store(false, Ordering::Release);
            match queue.is_for_all.load(Ordering::Acquire) {
                true => queue.waiting.notify_waiters(),
                false => queue.waiting.notify_one(),
            }
        }
    }
}

/// However short the timeout is, waiting ends.
const SHORTEST: Duration = Duration::from_nanos(1);

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;
    use tokio::time::{Instant, sleep};

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
            tokio::spawn(async move { queue.wait(SECOND, SECOND).await == Waited::Turn })
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
    async fn one_goes_on_and_has_the_next_go_on() {
        let (queue, ticket) = asking();
        assert_eq!(
            go_on(&queue, ticket).await,
            [true, false, false, false, false]
        );

        let mut ticket = Ticket::default();
        ticket.take(&queue);
        let waiting = [(); 2].map(|()| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let waited = queue.wait(SECOND, SECOND).await;
                queue.pass_on();
                waited
            })
        });
        yield_now().await;
        drop(ticket);
        for waiting in waiting {
            assert_eq!(waiting.await.unwrap(), Waited::Turn);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn while_one_asks_nobody_goes_on() {
        let (queue, _ticket) = asking();

        queue.pass_on();

        assert_eq!(queue.wait(SECOND, SECOND).await, Waited::InVain);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_others_have_asked_before_has_waited_enough_when_its_patience_is_over() {
        let (queue, ticket) = asking();
        let waiting = [(); 2].map(|()| {
            let (queue, begun) = (queue.clone(), Instant::now());
            tokio::spawn(async move { (queue.wait(SECOND, 3 * SECOND).await, begun.elapsed()) })
        });
        sleep(SECOND * 3 / 2).await;
        drop(ticket);
        let mut ticket = Ticket::default();
        ticket.take(&queue);

        let [first, second] = waiting;
        assert_eq!(first.await.unwrap().0, Waited::Turn);
        assert_eq!(second.await.unwrap(), (Waited::Enough, 2 * SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn with_little_brought_all_go_on() {
        let (queue, ticket) = asking();
        queue.part();

        assert_eq!(go_on(&queue, ticket).await, [true; 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_comes_when_all_is_done_does_not_wait() {
        let (queue, ticket) = asking();
        queue.part();
        drop(ticket);

        assert_eq!(queue.wait(SECOND, Duration::ZERO).await, Waited::Turn);
        let begun = Instant::now();
        assert_eq!(queue.wait(SECOND, SECOND).await, Waited::Turn);
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
