//! A log, as a test sees it.

use std::io;
use std::io::Write;
use std::sync::{Arc, Mutex};

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

/// The lines that are logged meanwhile.
pub(crate) fn logged(serve: impl FnOnce()) -> Vec<String> {
    logged_at(tracing::Level::TRACE, serve)
}

/// The lines that are logged meanwhile, of this level and above.
pub(crate) fn logged_at(level: tracing::Level, serve: impl FnOnce()) -> Vec<String> {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    tracing::subscriber::with_default(subscriber, serve);
    let bytes = log.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(str::to_owned).collect()
}
