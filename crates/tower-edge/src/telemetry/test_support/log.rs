//! Reads the log in tests.

use std::io;
use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber, subscriber};

/// The bytes of a log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines that the closure logs.
pub(crate) fn logged(serve: impl FnOnce()) -> Vec<String> {
    logged_at(Level::TRACE, serve)
}

/// The warnings and errors that the closure logs, without any other subscriber.
pub(crate) fn warnings(serve: impl FnOnce()) -> Vec<String> {
    logged_at(Level::WARN, serve)
}

/// The lines of this level and above that the closure logs.
fn logged_at(level: Level, serve: impl FnOnce()) -> Vec<String> {
    let log = Log::default();
    let writer = log.clone();
    let to_log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    subscriber::with_default(to_log, serve);
    let bytes = log.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    // There is one for the process: the first test without an envelope logs it.
    let is_its_own = |line: &&str| !line.contains(" tower_edge::driver: ");
    text.lines().filter(is_its_own).map(str::to_owned).collect()
}

/// Runs this under a subscriber that panics.
pub(crate) fn with_broken_subscriber<T>(run: impl FnOnce() -> T) -> T {
    subscriber::with_default(Broken, run)
}

/// A subscriber that panics at every call but those that open and enter a span.
struct Broken;

impl Subscriber for Broken {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {
        panic!("record");
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        panic!("event");
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {
        panic!("exit");
    }

    fn try_close(&self, _: Id) -> bool {
        panic!("close");
    }
}

#[test]
fn warnings_are_listed_without_what_is_less() {
    let log = || {
        tracing::warn!(target: "a", "b");
        tracing::info!(target: "a", "c");
    };

    assert_eq!(warnings(log), [" WARN a: b"]);
    assert_eq!(logged(log), [" WARN a: b", " INFO a: c"]);
}

#[test]
#[should_panic(expected = "event")]
fn a_broken_subscriber_panics_at_an_event() {
    with_broken_subscriber(|| tracing::info!("a"));
}
