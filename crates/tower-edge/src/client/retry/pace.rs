//! Keeps the requests of all clones of a client to the pace that a server allows.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::{AUTHORIZATION, COOKIE, HOST};
use http::{HeaderMap, HeaderName, Uri};
use tokio::time::{Instant, sleep_until};

/// The pace of each server, for each credential.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    hasher: RandomState,
    /// While no server has refused a request, no request takes the lock.
    is_used: AtomicBool,
    paces: Mutex<HashMap<u64, Pace>>,
}

/// The pace of one server and credential. It ends when no request waits for a slot.
#[derive(Debug)]
struct Pace {
    /// The time between two requests; zero if it is not known.
    interval: Duration,
    /// The first slot that is free.
    next: Instant,
    not_before: Instant,
    /// The only path that was refused. `None` if there are several.
    path: Option<u64>,
    /// The time by which refusals have put off the slots in all.
    put_off: Duration,
    spread: Duration,
}

/// When a request may be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    at: Instant,
    put_off: Duration,
}

/// The part of a request in a pace.
#[derive(Clone, Debug)]
pub(super) struct Paced {
    key: u64,
    pacer: Arc<Pacer>,
    path: u64,
}

impl Paced {
    pub(super) fn new(pacer: Arc<Pacer>, uri: &Uri, headers: &HeaderMap) -> Self {
        let authority = uri.authority().map(|it| it.as_str().as_bytes());
        let authority = authority.or_else(|| Some(headers.get(HOST)?.as_bytes()));
        let credentials = [&AUTHORIZATION, &API_KEY, &COOKIE].map(|name| headers.get(name));
        Self {
            key: pacer.hasher.hash_one((authority, credentials)),
            path: pacer.hasher.hash_one(uri.path()),
            pacer,
        }
    }

    /// The first slot that is free, before the random part. `None` if there is no pace.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        self.with(|pace| pace.next).filter(|next| *next > now)
    }

    /// Takes the first slot that is free, from this instant on. The random part is at most `spread`, or that of the
    /// pace if it is longer, and does not put the slot off beyond `until`.
    pub(super) fn reserve(&self, from: Instant, spread: Duration, until: Instant) -> Option<Slot> {
        self.with(|pace| {
            let at = pace.next.max(from);
            pace.next = at + pace.interval;
            Slot {
                at: jittered(at, pace.spread.max(spread), until),
                put_off: pace.put_off,
            }
        })
    }

    /// Records a refusal, with the time to wait before the next request and the interval of those after it.
    pub(super) fn refused(&self, now: Instant, wait: Duration, interval: Option<Duration>) {
        self.pacer.is_used.store(true, Ordering::Relaxed);
        let mut paces = lock(&self.pacer.paces);
        if paces.len() >= MAX_PACES && !paces.contains_key(&self.key) {
            paces.retain(|_, pace| pace.next > now);
            if paces.len() >= MAX_PACES {
                return;
            }
        }
        let pace = paces.entry(self.key).or_insert_with(|| Pace {
            interval: Duration::ZERO,
            next: now,
            not_before: now,
            path: None,
            put_off: Duration::ZERO,
            spread: Duration::ZERO,
        });
        if pace.next <= now {
            (pace.interval, pace.next, pace.path) = (Duration::ZERO, now, Some(self.path));
        }
        // A second path was refused, so the limit is not that of one path.
        pace.path = pace.path.filter(|path| *path == self.path);
        pace.interval = interval.unwrap_or(pace.interval);
        pace.spread = spread(wait);
        let head = pace.not_before.max(now);
        let put_off = (now + wait).saturating_duration_since(head);
        pace.not_before = head + put_off;
        pace.next += put_off;
        pace.put_off += put_off;
    }

    pub(super) fn is_used(&self) -> bool {
        self.pacer.is_used.load(Ordering::Relaxed)
    }

    fn with<T>(&self, read: impl FnOnce(&mut Pace) -> T) -> Option<T> {
        let mut paces = lock(&self.pacer.paces);
        let pace = paces.get_mut(&self.key)?;
        pace.path
            .is_none_or(|path| path == self.path)
            .then(|| read(pace))
    }
}

impl Slot {
    pub(super) fn at(at: Instant, spread: Duration, until: Instant) -> Self {
        Self {
            at: jittered(at, spread, until),
            put_off: Duration::ZERO,
        }
    }

    pub(super) fn wait(self, now: Instant) -> Duration {
        self.at.saturating_duration_since(now)
    }

    /// Waits for the slot. Fails if refusals put it off beyond `until`.
    pub(super) async fn turn(mut self, paced: Option<Paced>, until: Instant) -> Result<(), Late> {
        loop {
            sleep_until(self.at).await;
            let put_off = paced.as_ref().and_then(|it| it.with(|pace| pace.put_off));
            let put_off = put_off.unwrap_or_default().max(self.put_off);
            if put_off == self.put_off {
                return Ok(());
            }
            self.at += put_off - self.put_off;
            self.put_off = put_off;
            if self.at > until {
                return Err(Late);
            }
        }
    }
}

/// A wait would be longer than allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Late;

/// Adds a random time, so that clients that were refused together do not stay together.
fn jittered(at: Instant, spread: Duration, until: Instant) -> Instant {
    let left = until.saturating_duration_since(at);
    let spread = spread.min(left.saturating_sub(TIMER_RESOLUTION));
    at + spread.mul_f64(fastrand::f64())
}

/// The longest random part of a wait.
pub(super) fn spread(wait: Duration) -> Duration {
    wait / 8
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

static API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const MAX_PACES: usize = 1024;
/// A timer of tokio fires at the next millisecond, which would be the deadline itself.
const TIMER_RESOLUTION: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests;
