//! The primitives that threads and tasks share: those of std and tokio, or in tests under `--cfg shuttle` those of
//! shuttle, which runs a test under many schedules.

#[cfg(all(shuttle, test))]
mod explored;

#[cfg(all(shuttle, test))]
pub(crate) use shuttle::sync::Mutex;
#[cfg(all(shuttle, test))]
pub(crate) use shuttle::sync::MutexGuard;
#[cfg(all(shuttle, test))]
pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64};
pub(crate) use std::sync::PoisonError;
pub(crate) use std::sync::atomic::Ordering;
#[cfg(not(all(shuttle, test)))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64};
#[cfg(not(all(shuttle, test)))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(not(all(shuttle, test)))]
pub(crate) use tokio::spawn;
#[cfg(not(all(shuttle, test)))]
pub(crate) use tokio::time::{Instant, sleep, timeout};

#[cfg(all(shuttle, test))]
pub(crate) use self::explored::{Instant, clock, sleep, spawn, timeout};

/// A panic while it was locked leaves a valid value.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
