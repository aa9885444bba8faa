use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write as _;
use std::io;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::time::Duration;

use super::queue::Queue;

/// A log that its own thread writes, so that no request waits for it or fails with it.
///
/// ```
/// use tower_edge::server::LogWriter;
///
/// let log = LogWriter::stderr();
/// tracing_subscriber::fmt()
///     .with_writer(log.make_writer())
///     .log_internal_errors(false)
///     .init();
/// std::panic::set_hook(Box::new(log.panic_hook()));
///
/// tracing::info!("serving");
///
/// assert_eq!(log.lost_lines(), 0);
/// // Dropped at the end of `main`, it waits up to a second for the lines before it.
/// ```
///
/// Lines wait in a buffer of 8 MiB, in which each takes 512 bytes or more. A line is lost when the buffer is full, as
/// with a pipe without a reader, or when writing fails, as with a full disk or a closed pipe.
/// [`lost_lines`](Self::lost_lines) counts them. Once half of the buffer is free again, a report precedes the next
/// line: `12 log lines were lost since the start`. A line longer than 16 KiB is cut, and its end shows the full
/// length.
///
/// Give tracing-subscriber's `fmt` the setting `log_internal_errors(false)`. By default it prints its own errors to
/// stderr, and panics if stderr is what failed. Rust's panic hook prints to stderr too, and waits until that is read;
/// [`panic_hook`](Self::panic_hook) does not.
#[derive(Debug)]
pub struct LogWriter {
    queue: Arc<Queue>,
}

impl LogWriter {
    /// Writes to stderr.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    #[must_use]
    pub fn stderr() -> Self {
        Self::new(io::stderr())
    }

    /// Writes to this writer, one line at a time.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    #[must_use]
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self {
            queue: Arc::new(Queue::new(writer)),
        }
    }

    /// The argument for `with_writer` of tracing-subscriber.
    pub fn make_writer(&self) -> impl Fn() -> LogLine + Clone + Send + Sync + 'static + use<> {
        let queue = Arc::clone(&self.queue);
        move || LogLine {
            queue: Arc::clone(&queue),
        }
    }

    /// The argument for [`std::panic::set_hook`]. The hook logs the first 1,000 characters of a panic on one line. If
    /// `RUST_BACKTRACE` enables a backtrace, it follows on further lines.
    ///
    /// The hook does not use `tracing`: that may be what has panicked, and a second panic within a hook aborts the
    /// process.
    pub fn panic_hook(&self) -> impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static + use<> {
        let make_writer = self.make_writer();
        move |info| {
            let mut text = one_line(&info.to_string());
            let backtrace = Backtrace::capture();
            if backtrace.status() == BacktraceStatus::Captured {
                let _ = writeln!(text, "{backtrace}");
            }
            make_writer().queue.take(text.as_bytes());
        }
    }

    /// How many lines were lost so far.
    #[must_use]
    pub fn lost_lines(&self) -> u64 {
        self.queue.lost_lines()
    }
}

impl Drop for LogWriter {
    /// Waits until all lines are written, for at most a second.
    fn drop(&mut self) {
        self.queue.wait(FLUSH);
    }
}

/// Takes lines for a [`LogWriter`]: each write is one line. It never waits and never fails.
#[derive(Clone, Debug)]
pub struct LogLine {
    queue: Arc<Queue>,
}

impl Write for LogLine {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.queue.take(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Escapes control characters, since a panic's message may hold what a client sent.
fn one_line(text: &str) -> String {
    let text = text.replace('\n', " ");
    let mut line = String::new();
    for c in text.chars().take(MAX_PANIC) {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line.push('\n');
    line
}

/// How long a program waits for its log at the end.
const FLUSH: Duration = Duration::from_secs(1);
/// In characters.
const MAX_PANIC: usize = 1000;

#[cfg(test)]
mod tests {
    use std::io::BufWriter;
    use std::sync::mpsc;
    use std::sync::mpsc::{Receiver, SyncSender};

    use super::*;

    /// Writes when the test receives, like a pipe that is read.
    struct Pipe(SyncSender<String>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let sent = self.0.send(text);
            sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn piped() -> (LogWriter, Receiver<String>) {
        let (writer, reader) = mpsc::sync_channel(0);
        (LogWriter::new(Pipe(writer)), reader)
    }

    fn write(log: &LogWriter, line: &str) {
        log.make_writer()().write_all(line.as_bytes()).unwrap();
    }

    /// More lines than the buffer has room for.
    const MANY: usize = 20_000;

    #[test]
    fn a_pipe_that_nobody_reads_loses_lines_and_says_how_many() {
        let (log, reader) = piped();

        for index in 0..MANY {
            write(&log, &format!("{index}\n"));
        }
        let lost = log.lost_lines();
        let kept = MANY - usize::try_from(lost).unwrap();
        let written: Vec<_> = reader.iter().take(kept).collect();
        assert!(log.queue.wait(Duration::from_secs(60)));
        write(&log, "next\n");

        assert_eq!(kept, 16_384);
        assert_eq!(written[kept - 1], format!("{}\n", kept - 1));
        let report = format!("{lost} log lines were lost since the start\nnext\n");
        assert_eq!(reader.recv().unwrap(), report);
        write(&log, "last\n");
        assert_eq!(reader.recv().unwrap(), "last\n");
        assert_eq!(log.lost_lines(), lost);
    }

    #[test]
    fn few_long_lines_fill_the_buffer_too() {
        let (log, _reader) = piped();
        let line = "a".repeat(16 * 1024);

        for _ in 0..MANY {
            write(&log, &line);
        }

        assert_eq!(log.lost_lines(), 20_000 - 8 * 1024 / 16);
    }

    #[test]
    fn an_output_with_a_buffer_is_flushed_when_no_line_follows() {
        let (writer, reader) = mpsc::sync_channel(1);
        let log = LogWriter::new(BufWriter::new(Pipe(writer)));

        write(&log, "line\n");

        let written = reader.recv_timeout(Duration::from_secs(60));
        assert_eq!(written.as_deref(), Ok("line\n"));
    }

    #[test]
    fn a_line_that_cannot_be_written_is_lost_and_fails_nobody() {
        let (log, reader) = piped();
        drop(reader);

        for _ in 0..3 {
            write(&log, "line\n");
            assert!(log.queue.wait(Duration::from_secs(60)));
        }

        assert_eq!(log.lost_lines(), 3);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_at_a_character() {
        let (log, reader) = piped();

        write(&log, &format!("a{}\n", "é".repeat(150_000)));

        let line = reader.recv().unwrap();
        let (start, end) = line.split_once('…').unwrap();
        assert_eq!(start, format!("a{}", "é".repeat(8191)));
        assert_eq!(end, " (300002 bytes)\n");
    }

    #[test]
    fn the_end_waits_for_what_is_written_and_not_for_what_is_stuck() {
        let (log, reader) = piped();
        write(&log, "stuck\n");

        assert!(!log.queue.wait(Duration::ZERO));
        let reading = std::thread::spawn(move || reader.iter().collect::<String>());
        drop(log);

        assert_eq!(reading.join().unwrap(), "stuck\n");
    }

    #[test]
    fn a_panic_is_one_line_of_text_that_is_cut() {
        let text = format!("panicked at a.rs:1:2:\nno \u{1b}[31m{}", "é".repeat(5000));

        let line = one_line(&text);

        let start = "panicked at a.rs:1:2: no \\u{1b}[31méé";
        assert!(line.starts_with(start) && line.ends_with("é\n"), "{line}");
        assert_eq!(line.lines().count(), 1);
        assert!(line.chars().count() < 1010);
    }

    #[test]
    fn a_writer_that_panics_takes_nobody_along() {
        struct Panics;
        impl Write for Panics {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                panic!("a writer")
            }

            fn flush(&mut self) -> io::Result<()> {
                panic!("a writer")
            }
        }
        let log = LogWriter::new(Panics);

        write(&log, "one\n");
        // Its thread has ended as soon as a line can no longer be sent.
        while log.lost_lines() == 0 {
            write(&log, "more\n");
            std::thread::yield_now();
        }

        assert!(!log.queue.wait(Duration::ZERO));
    }
}
