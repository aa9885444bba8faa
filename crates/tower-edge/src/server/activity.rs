use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// The activity of one connection.
#[derive(Debug)]
pub(super) struct Activity {
    /// Whether there are bytes to send that the socket does not accept.
    is_blocked: AtomicBool,
    in_flight: AtomicUsize,
    max_unsent: usize,
    requests: AtomicUsize,
    retirement: Mutex<Retirement>,
    unsent: AtomicUsize,
    /// The requests that wait until fewer bytes are unsent.
    waiting: Mutex<Vec<Waker>>,
}

impl Activity {
    pub(super) fn new(max_unsent: usize) -> Self {
        Self {
            is_blocked: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
            max_unsent,
            requests: AtomicUsize::new(0),
            retirement: Mutex::default(),
            unsent: AtomicUsize::new(0),
            waiting: Mutex::default(),
        }
    }

    /// Counts a new request. It is in flight until the returned guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// How many requests were received, including those in flight.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether no request is in flight and no byte is left to send.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) == 0 && !self.is_blocked.load(Ordering::Relaxed)
    }

    pub(super) fn set_blocked(&self, is_blocked: bool) {
        self.is_blocked.store(is_blocked, Ordering::Relaxed);
    }

    /// Whether the connection holds more bytes of responses than it may.
    fn is_full(&self) -> bool {
        self.unsent.load(Ordering::SeqCst) > self.max_unsent
    }

    /// Makes the connection take no further requests, and close.
    pub(super) fn retire(&self) {
        let mut retirement = lock(&self.retirement);
        retirement.is_due = true;
        if let Some(waker) = retirement.waker.take() {
            waker.wake();
        }
    }

    /// Ready when the connection is to close.
    pub(super) fn poll_retired(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut retirement = lock(&self.retirement);
        if retirement.is_due {
            return Poll::Ready(());
        }
        match &mut retirement.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    fn wake(&self) {
        for waker in mem::take(&mut *lock(&self.waiting)) {
            waker.wake();
        }
    }
}

#[derive(Debug, Default)]
struct Retirement {
    is_due: bool,
    waker: Option<Waker>,
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request whose response is not over.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl InFlight {
    /// Ready when the connection holds no more than it may.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.0.is_full() {
            lock(&self.0.waiting).push(cx.waker().clone());
            // The connection may have got room before the waker was stored.
            if self.0.is_full() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }

    /// Adds bytes that wait to be sent.
    pub(super) fn add_unsent(&self, bytes: usize) {
        self.0.unsent.fetch_add(bytes, Ordering::SeqCst);
    }

    /// Removes bytes that no longer wait to be sent.
    pub(super) fn remove_unsent(&self, bytes: usize) {
        let before = self.0.unsent.fetch_sub(bytes, Ordering::SeqCst);
        if before > self.0.max_unsent && before.saturating_sub(bytes) <= self.0.max_unsent {
            self.0.wake();
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
