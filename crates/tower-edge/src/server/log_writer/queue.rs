use std::io::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

/// The queue from the threads that log to the thread that writes.
pub(super) struct Queue {
    /// On drop it ends the thread and waits for it. If that takes too long, it prints to stdout.
    guard: Option<WorkerGuard>,
    lines: NonBlocking,
    /// How many lost lines the log has reported.
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

    /// Queues a line, or counts it as lost.
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

    /// Waits up to this time, and returns whether all lines are written.
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

    /// Includes the lines lost after the thread has ended, as it does when its writer panics.
    pub(super) fn lost_lines(&self) -> u64 {
        let unsent = self.lines.error_counter().dropped_lines();
        let lost = self.state.lost.load(Ordering::Relaxed);
        lost.saturating_add(u64::try_from(unsent).unwrap_or(u64::MAX))
    }

    /// False while the buffer is nearly full: each line would have a report.
    fn should_report(&self) -> bool {
        self.state.lost.load(Ordering::Relaxed) > self.reported.load(Ordering::Relaxed)
            && self.state.pending.load(Ordering::Relaxed) <= MAX_PENDING / 2
    }

    /// Counts from the start, so that the next report makes up for a lost one.
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
    /// Ends the thread if it has nothing left to write; a thread that is stuck ends with the process.
    fn drop(&mut self) {
        if self.state.pending.load(Ordering::Acquire) > 0 {
            std::mem::forget(self.guard.take());
        }
    }
}

/// The counts that both sides share.
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
            // Under the lock, a waiting thread has either seen the new value or is woken.
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

/// The thread's output. It never fails, since the thread itself prints errors to stderr.
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

/// The bytes of the buffer that a line takes: at least those of a place in the queue.
fn cost(line: &[u8]) -> usize {
    line.len().max(MIN_COST)
}

/// Appends a line, cut at a character if it is too long.
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
/// In bytes.
const MAX_PENDING: usize = 8 * 1024 * 1024;
const MIN_COST: usize = 512;
