//! Keeps the requests of all clones of a client to the pace that a server allows.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, Uri};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::{Instant, sleep_until, timeout};

use super::announced::Announced;

/// What is known of each destination: a server, and the credential that it limits.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    destinations: Mutex<HashMap<u64, Arc<Destination>>>,
    hasher: RandomState,
}

#[derive(Debug)]
pub(super) struct Destination {
    pace: Mutex<Option<Pace>>,
    /// The requests in flight to a server that has not yet accepted many. Each success adds one.
    start: Arc<Semaphore>,
    /// Requests go one by one, in the order in which they came.
    turn: Semaphore,
    waiting: AtomicU32,
}

/// The pace of a server that has refused a request.
#[derive(Clone, Copy, Debug)]
struct Pace {
    interval: Duration,
    /// The interval that the server's quota allows.
    shortest: Duration,
    next: Instant,
    /// When the interval became longer. Refusals of requests from before that do not count again.
    slowed: Instant,
    last: Option<Instant>,
}

impl Pacer {
    /// `None` if there are too many destinations.
    pub(super) fn destination(&self, uri: &Uri, headers: &HeaderMap) -> Option<Arc<Destination>> {
        let authority = uri.authority().map(|it| it.as_str().as_bytes());
        let authority = authority.or_else(|| Some(headers.get(HOST)?.as_bytes()));
        let credential = [&AUTHORIZATION, &API_KEY].map(|name| headers.get(name));
        let key = self.hasher.hash_one((authority, credential));
        let mut destinations = lock(&self.destinations);
        if let Some(destination) = destinations.get(&key) {
            return Some(destination.clone());
        }
        if destinations.len() >= MAX_DESTINATIONS {
            let now = Instant::now();
            destinations.retain(|_, it| Arc::strong_count(it) > 1 || !it.is_open(now));
        }
        if destinations.len() >= MAX_DESTINATIONS {
            return None;
        }
        let destination = Arc::new(Destination::new());
        destinations.insert(key, destination.clone());
        Some(destination)
    }
}

impl Destination {
    fn new() -> Self {
        Self {
            pace: Mutex::default(),
            start: Arc::new(Semaphore::new(START)),
            turn: Semaphore::new(1),
            waiting: AtomicU32::new(0),
        }
    }

    /// Whether no request needs to wait for its turn.
    fn is_open(&self, now: Instant) -> bool {
        let mut pace = lock(&self.pace);
        // A pace that was not needed for so long is not valid any more.
        *pace = pace.filter(|pace| now < pace.next + FORGET.max(4 * pace.interval));
        pace.is_none()
    }

    /// Lets a request go at once, or makes it wait for its [turn](Self::turn).
    pub(super) fn try_enter(&self, now: Instant) -> Option<Option<OwnedSemaphorePermit>> {
        if !self.is_open(now) {
            return None;
        }
        match self.start.clone().try_acquire_owned() {
            Ok(permit) => Some(Some(permit)),
            Err(TryAcquireError::Closed) => Some(None),
            Err(TryAcquireError::NoPermits) => None,
        }
    }

    /// About how long a request waits that comes now.
    pub(super) fn expected_wait(&self, now: Instant) -> Duration {
        lock(&self.pace).map_or(Duration::ZERO, |pace| {
            let ahead = pace
                .interval
                .saturating_mul(self.waiting.load(Ordering::Relaxed));
            pace.next
                .saturating_duration_since(now)
                .saturating_add(ahead)
        })
    }

    /// Waits until a request may be sent.
    pub(super) async fn turn(self: Arc<Self>) -> Option<OwnedSemaphorePermit> {
        let _waiting = Waiting::new(&self.waiting);
        let start = timeout(START_WAIT, self.start.clone().acquire_owned()).await;
        let turn = self.turn.acquire().await;
        loop {
            let next = {
                let mut pace = lock(&self.pace);
                let Some(pace) = pace.as_mut() else { break };
                let now = Instant::now();
                if pace.next <= now {
                    pace.next = now + jittered(pace.interval);
                    break;
                }
                pace.next
            };
            sleep_until(next).await;
        }
        drop(turn);
        start.ok()?.ok()
    }

    /// Records a response that is no refusal.
    pub(super) fn accepted(&self) {
        if self.start.available_permits() < MAX_START {
            self.start.add_permits(1);
        } else {
            self.start.close();
        }
        if let Some(pace) = lock(&self.pace).as_mut() {
            pace.interval = pace.shortest.max(pace.interval - pace.interval / 16);
        }
    }

    /// Records a refusal, with the time to wait before the next request.
    pub(super) fn refused(&self, sent: Instant, now: Instant, wait: Duration, said: &Announced) {
        let mut pace = lock(&self.pace);
        let pace = pace.get_or_insert_with(|| Pace {
            interval: said.interval.unwrap_or(wait / 16),
            shortest: Duration::ZERO,
            next: now,
            slowed: now,
            last: None,
        });
        pace.shortest = said.interval.unwrap_or(pace.shortest);
        if sent > pace.slowed {
            pace.interval = (pace.interval * 2).min(MAX_INTERVAL);
            pace.slowed = now;
        }
        pace.next = pace.next.max(now + wait);
    }
}

/// A request that waits; it no longer does when it is cancelled.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Up to an eighth longer, so that clients that were refused together do not stay together.
pub(super) fn jittered(time: Duration) -> Duration {
    time.saturating_add((time / 8).mul_f64(fastrand::f64()))
}

static API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// How long a pace is kept that no request needed.
const FORGET: Duration = Duration::from_secs(10);
const MAX_DESTINATIONS: usize = 1024;
const MAX_INTERVAL: Duration = Duration::from_secs(30);
/// The requests in flight at first, and when there is no limit any more.
const START: usize = 16;
const MAX_START: usize = 256;
/// The longest that a request waits for others of the start, so that slow ones hold it up for this time only.
const START_WAIT: Duration = Duration::from_millis(500);
