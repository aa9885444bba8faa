use std::io::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

/// The way from those who log to the thread that writes.
pub(super) struct Queue {
    /// Ends the thread when it is dropped, for which it waits, and prints to stdout where it waits in vain.
    guard: Option<WorkerGuard>,
    lines: NonBlocking,
    /// How many lost lines the log itself tells of.
    reported: AtomicU64,
    state: Arc<State>,
}

impl Queue {
    pub(super) fn new(writer: impl Write + Send + 'static) -> Self {
        let state = Arc::new(State::default());
        let sink = Sink {
            state: Arc::clone(&state),
            writer,
        };
        let (lines, guard) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(MAX_PENDING / MIN_COST)
            .thread_name("log")
            .finish(sink);
        Self {
            guard: Some(guard),
            lines,
            reported: AtomicU64::new(0),
            state,
        }
    }

    /// Takes a line, or loses it.
    pub(super) fn take(&self, line: &[u8]) {
        if self.should_report() {
            let mut report = self.report();
            append(&mut report, line);
            self.send(&report);
        } else if line.len() > MAX_LINE {
            let mut cut = Vec::new();
            append(&mut cut, line);
            self.send(&cut);
        } else {
            self.send(line);
        }
    }

    /// Whether all lines are written within this time.
    pub(super) fn wait(&self, time: Duration) -> bool {
        self.state.wait(time)
    }

    /// Sends a line for which there is room, so that the channel itself is never full.
    fn send(&self, line: &[u8]) {
        if self.state.reserve(cost(line)) {
            let _ = self.lines.clone().write(line);
        } else {
            self.state.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// With what is lost since the thread is gone, since a writer that panics takes it along.
    pub(super) fn lost_lines(&self) -> u64 {
        let unsent = self.lines.error_counter().dropped_lines();
        let lost = self.state.lost.load(Ordering::Relaxed);
        lost.saturating_add(u64::try_from(unsent).unwrap_or(u64::MAX))
    }

    /// Not while the buffer is nearly full: there would be a report for each line.
    fn should_report(&self) -> bool {
        self.state.lost.load(Ordering::Relaxed) > self.reported.load(Ordering::Relaxed)
            && self.state.pending.load(Ordering::Relaxed) <= MAX_PENDING / 2
    }

    /// Counts from the start, so that a report that is lost too is made good by the next.
    fn report(&self) -> Vec<u8> {
        let lost = self.state.lost.load(Ordering::Relaxed);
        self.reported.fetch_max(lost, Ordering::Relaxed);
        format!("{lost} log lines were lost since the start\n").into_bytes()
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("lost_lines", &self.lost_lines())
            .finish_non_exhaustive()
    }
}

impl Drop for Queue {
    /// Ends the thread where it has nothing left to do; one that is stuck ends with the process.
    fn drop(&mut self) {
        if self.state.pending.load(Ordering::Acquire) > 0 {
            std::mem::forget(self.guard.take());
        }
    }
}

/// What both sides count.
#[derive(Default)]
struct State {
    idle: Condvar,
    lock: Mutex<()>,
    lost: AtomicU64,
    /// Bytes of the lines that are not yet written.
    pending: AtomicUsize,
}

impl State {
    fn reserve(&self, cost: usize) -> bool {
        let with = |pending: usize| pending.checked_add(cost).filter(|sum| *sum <= MAX_PENDING);
        self.pending
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, with)
            .is_ok()
    }

    fn release(&self, cost: usize) {
        if self.pending.fetch_sub(cost, Ordering::AcqRel) == cost {
            // With the lock, whoever waits has either seen that or is woken.
            drop(self.lock.lock());
            self.idle.notify_all();
        }
    }

    fn wait(&self, time: Duration) -> bool {
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = |(): &mut ()| self.pending.load(Ordering::Acquire) > 0;
        let waited = self.idle.wait_timeout_while(lock, time, pending);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// What the thread writes to. It never fails, as the thread itself prints errors to stderr.
struct Sink<W> {
    state: Arc<State>,
    writer: W,
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.writer.write_all(line).is_err() {
            self.state.lost.fetch_add(1, Ordering::Relaxed);
        }
        self.state.release(cost(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.writer.flush();
        Ok(())
    }
}

/// What a line takes of the buffer: at least what a place in the queue takes.
fn cost(line: &[u8]) -> usize {
    line.len().max(MIN_COST)
}

/// Adds a line, cut at a character where it is too long.
fn append(text: &mut Vec<u8>, line: &[u8]) {
    if line.len() <= MAX_LINE {
        text.extend_from_slice(line);
        return;
    }
    let continues = |at: &usize| line[*at] & 0b1100_0000 == 0b1000_0000;
    let end = (0..=MAX_LINE).rev().find(|at| !continues(at));
    text.extend_from_slice(&line[..end.unwrap_or(MAX_LINE)]);
    text.extend_from_slice(format!("… ({} bytes)\n", line.len()).as_bytes());
}

/// Longer lines are cut.
const MAX_LINE: usize = 16 * 1024;
/// Bytes.
const MAX_PENDING: usize = 8 * 1024 * 1024;
const MIN_COST: usize = 512;
