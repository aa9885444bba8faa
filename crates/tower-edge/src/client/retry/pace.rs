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

use crate::client::announced::Announced;

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
    next: Instant,
    /// The only path that was refused. `None` if there are several.
    path: Option<u64>,
    /// When the last request was sent.
    sent: Instant,
    /// The interval that the server's quota allows.
    shortest: Duration,
    /// When the interval became longer. Refusals of requests from before that do not count again.
    slowed: Instant,
    /// The time between the last two requests.
    spacing: Duration,
}

/// The pace of one request.
#[derive(Clone, Debug)]
pub(super) struct Paced {
    destination: Arc<Destination>,
    path: u64,
}

impl Pacer {
    /// `None` if there are too many destinations.
    pub(super) fn of(&self, uri: &Uri, headers: &HeaderMap) -> Option<Paced> {
        let authority = uri.authority().map(|it| it.as_str().as_bytes());
        let authority = authority.or_else(|| Some(headers.get(HOST)?.as_bytes()));
        let credential = [&AUTHORIZATION, &API_KEY].map(|name| headers.get(name));
        let key = self.hasher.hash_one((authority, credential));
        let mut destinations = lock(&self.destinations);
        if destinations.len() >= MAX_DESTINATIONS && !destinations.contains_key(&key) {
            // In use, or paced.
            let now = Instant::now();
            destinations.retain(|_, it| Arc::strong_count(it) > 1 || it.pace(now).is_some());
            if destinations.len() >= MAX_DESTINATIONS {
                return None;
            }
        }
        Some(Paced {
            destination: destinations.entry(key).or_default().clone(),
            path: self.hasher.hash_one(uri.path()),
        })
    }
}

impl Paced {
    /// Lets a request go at once, or makes it wait for its [turn](Self::turn).
    pub(super) fn try_enter(&self, now: Instant) -> Option<Option<OwnedSemaphorePermit>> {
        if !self.is_open(now) {
            return None;
        }
        match self.destination.start.clone().try_acquire_owned() {
            Ok(permit) => Some(Some(permit)),
            Err(TryAcquireError::Closed) => Some(None),
            Err(TryAcquireError::NoPermits) => None,
        }
    }

    /// About how long a request waits that comes now.
    pub(super) fn expected_wait(&self, now: Instant) -> Duration {
        let pace = self.destination.pace(now);
        pace.filter(|pace| pace.holds(self.path))
            .map_or(Duration::ZERO, |pace| {
                let waiting = self.destination.waiting.load(Ordering::Relaxed);
                let ahead = pace.interval.saturating_mul(waiting);
                pace.next
                    .saturating_duration_since(now)
                    .saturating_add(ahead)
            })
    }

    /// Waits until the request may be sent.
    pub(super) async fn turn(self) -> Option<OwnedSemaphorePermit> {
        let destination = &*self.destination;
        let _waiting = Waiting::new(&destination.waiting);
        let start = timeout(START_WAIT, destination.start.clone().acquire_owned()).await;
        if !self.is_open(Instant::now()) {
            let _turn = destination.turn.acquire().await;
            while let Err(next) = self.take_turn(Instant::now()) {
                sleep_until(next).await;
            }
        }
        start.ok()?.ok()
    }

    fn is_open(&self, now: Instant) -> bool {
        let pace = self.destination.pace(now);
        !pace.is_some_and(|pace| pace.holds(self.path))
    }

    /// Fails with the time at which to try again.
    fn take_turn(&self, now: Instant) -> Result<(), Instant> {
        let mut pace = lock(&self.destination.pace);
        let Some(pace) = pace.as_mut().filter(|pace| pace.holds(self.path)) else {
            return Ok(());
        };
        if pace.next > now {
            return Err(pace.next);
        }
        pace.spacing = now - pace.sent;
        pace.sent = now;
        pace.next = now + jittered(pace.interval);
        Ok(())
    }

    /// Records a response that is no refusal.
    pub(super) fn accepted(&self) {
        let start = &self.destination.start;
        if start.available_permits() < MAX_START {
            start.add_permits(1);
        } else {
            start.close();
        }
        let mut pace = lock(&self.destination.pace);
        if let Some(pace) = pace.as_mut().filter(|pace| pace.holds(self.path)) {
            let recovered = pace.spacing.as_secs_f64() / RECOVERY.as_secs_f64();
            let interval = pace.interval.mul_f64(1.0 - recovered.min(0.5));
            pace.interval = interval.max(pace.shortest);
        }
    }

    /// Records a refusal, with the time to wait before the next request.
    pub(super) fn refused(&self, sent: Instant, now: Instant, wait: Duration, by: &Announced) {
        let mut pace = lock(&self.destination.pace);
        let pace = pace.get_or_insert_with(|| Pace {
            interval: by.interval.unwrap_or(wait / 32),
            next: now,
            path: Some(self.path),
            sent,
            shortest: Duration::ZERO,
            slowed: now,
            spacing: Duration::ZERO,
        });
        // A second path is refused: the limit is not of one path.
        pace.path = pace.path.filter(|path| *path == self.path);
        pace.shortest = by.shortest.unwrap_or(pace.shortest);
        if sent > pace.slowed {
            let is_alone = self.destination.waiting.load(Ordering::Relaxed) == 0;
            let interval = if is_alone {
                // Other clients use up the limit, and nobody knows how many.
                pace.interval.max(pace.spacing) * 4
            } else {
                pace.interval * 2
            };
            pace.interval = interval.min(MAX_INTERVAL);
            pace.slowed = now;
        }
        let jitter = pace.interval.max(wait / 2).mul_f64(fastrand::f64());
        pace.next = pace.next.max(now + wait + jitter);
    }
}

impl Destination {
    fn pace(&self, now: Instant) -> Option<Pace> {
        let mut pace = lock(&self.pace);
        // A pace that was not needed for so long is not valid any more.
        *pace = pace.filter(|pace| now < pace.next + FORGET.max(pace.interval * 4));
        *pace
    }
}

impl Default for Destination {
    fn default() -> Self {
        Self {
            pace: Mutex::default(),
            start: Arc::new(Semaphore::new(START)),
            turn: Semaphore::new(1),
            waiting: AtomicU32::new(0),
        }
    }
}

impl Pace {
    fn holds(&self, path: u64) -> bool {
        self.path.is_none_or(|held| held == path)
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
/// The time in which a longer interval becomes a short one.
const RECOVERY: Duration = Duration::from_secs(60);
const MAX_INTERVAL: Duration = Duration::from_secs(30);
/// The requests in flight at first, and when there is no limit any more.
const START: usize = 16;
const MAX_START: usize = 256;
/// The longest that a request waits for others of the start, so that slow ones hold it up for this time only.
const START_WAIT: Duration = Duration::from_millis(500);
