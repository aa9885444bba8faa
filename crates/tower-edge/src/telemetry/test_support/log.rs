//! Reads the log in tests.

use std::fmt::Debug;
use std::io;
use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber, subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

/// What is written to a log.
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

/// The lines that this logs.
pub(crate) fn logged(serve: impl FnOnce()) -> Vec<String> {
    logged_at(Level::TRACE, serve)
}

/// The warnings and errors that this logs, without any other subscriber.
pub(crate) fn warnings(serve: impl FnOnce()) -> Vec<String> {
    logged_at(Level::WARN, serve)
}

/// The lines that this logs, of this level and above.
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
    // One for the process: whichever test is the first to have no envelope logs it.
    let is_its_own = |line: &&str| !line.contains(" tower_edge::driver: ");
    text.lines().filter(is_its_own).map(str::to_owned).collect()
}

/// One value of an event or a span.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) field: &'static str,
    pub(crate) target: &'static str,
    pub(crate) value: String,
}

/// All values that this logs, of all levels, those of spans among them.
pub(crate) fn values(serve: impl FnOnce()) -> Vec<Logged> {
    let values = Values::default();
    subscriber::with_default(Registry::default().with(values.clone()), serve);
    values.0.lock().unwrap().clone()
}

#[derive(Clone, Default)]
struct Values(Arc<Mutex<Vec<Logged>>>);

impl Values {
    fn visit(&self, metadata: &'static Metadata<'static>, record: impl FnOnce(&mut dyn Visit)) {
        record(&mut Visitor(metadata.target(), &mut self.0.lock().unwrap()));
    }
}

impl Layer<Registry> for Values {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, Registry>) {
        self.visit(span.metadata(), |visitor| span.record(visitor));
    }

    fn on_record(&self, span: &Id, values: &Record<'_>, context: Context<'_, Registry>) {
        let metadata = context.metadata(span).unwrap();
        self.visit(metadata, |visitor| values.record(visitor));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, Registry>) {
        self.visit(event.metadata(), |visitor| event.record(visitor));
    }
}

struct Visitor<'a>(&'static str, &'a mut Vec<Logged>);

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.1.push(Logged {
            field: field.name(),
            target: self.0,
            value: format!("{value:?}"),
        });
    }
}

/// Runs this under a subscriber that panics.
pub(crate) fn with_broken_subscriber<T>(run: impl FnOnce() -> T) -> T {
    subscriber::with_default(Broken, run)
}

/// Panics at every call but those that open and enter a span.
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
