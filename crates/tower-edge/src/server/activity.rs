use std::mem;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// What goes on on one connection.
#[derive(Debug)]
pub(super) struct Activity {
    /// Whether the socket takes no bytes at the moment, though there are some.
    is_blocked: AtomicBool,
    in_flight: AtomicUsize,
    max_unsent: usize,
    requests: AtomicUsize,
    retirement: Mutex<Retirement>,
    unsent: AtomicUsize,
    /// The requests that wait until less is unsent.
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

    /// A request has come, and is in flight until what is returned is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// How many requests have come, those in flight among them.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether there is nothing to do, nor to send.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) == 0 && !self.is_blocked.load(Ordering::Relaxed)
    }

    pub(super) fn set_blocked(&self, is_blocked: bool) {
        self.is_blocked.store(is_blocked, Ordering::Relaxed);
    }

    /// Whether the connection holds more of responses than it may.
    pub(super) fn is_full(&self) -> bool {
        self.unsent.load(Ordering::SeqCst) > self.max_unsent
    }

    /// Ready when the connection holds no more than it may.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_full() {
            lock(&self.waiting).push(cx.waker().clone());
            // Room may have been made before the waker was there.
            if self.is_full() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }

    /// The connection is to take no further requests, and to close.
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
    /// So many more bytes wait to be sent.
    pub(super) fn add_unsent(&self, bytes: usize) {
        self.0.unsent.fetch_add(bytes, Ordering::SeqCst);
    }

    /// So many bytes wait no longer.
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
