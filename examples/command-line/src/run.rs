use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::{env, fmt};

use clap::Parser;
use tokio::runtime::Runtime;
use tower_edge::BoxError;
use tower_edge::envelope::ErrorChain;
use tower_edge::server::LogWriter;
use tracing_subscriber::EnvFilter;

use crate::usage;

/// Starts the log, parses the flags and serves. Returns the status to exit with.
///
/// A [`clap::Error`] of `serve` is one of a flag, as for flags that do not go together.
pub fn run<F: Parser, S>(serve: impl FnOnce(F) -> S) -> ExitCode
where
    S: Future<Output = Result<(), BoxError>>,
{
    let log = start_log();
    // A value that is not text is reported with its flag, as any other bad value.
    let words = env::args_os().map(|word| word.to_string_lossy().into_owned());
    let flags = usage::parse(words).map_err(BoxError::from);
    let ended = flags.and_then(|flags| {
        let runtime = Runtime::new().map_err(cannot("start the runtime"))?;
        runtime.block_on(serve(flags))
    });
    let Err(error) = ended else {
        return ExitCode::SUCCESS;
    };
    let (line, status) = match error.downcast_ref::<clap::Error>() {
        Some(help) if !help.use_stderr() => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
        Some(error) => (usage::line(error), ExitCode::from(USAGE)),
        None => (chain(&error), ExitCode::FAILURE),
    };
    let line = format!("{}: {line}\n", F::command().get_name());
    // By way of the log, which waits for nobody who should read it.
    let _ = log.make_writer()().write_all(line.as_bytes());
    status
}

/// Logs to stderr, panics too.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the program that the hook belongs to"
)]
fn start_log() -> LogWriter {
    let log = LogWriter::stderr();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log.make_writer())
        .with_ansi(false)
        .log_internal_errors(false)
        .init();
    std::panic::set_hook(Box::new(log.panic_hook()));
    log
}

/// Makes an error say what cannot be done, such as `cannot("start the upstream")`. The error is the source.
pub fn cannot<E: Into<BoxError>>(act: impl Into<String>) -> impl FnOnce(E) -> BoxError {
    let act = act.into();
    |error| {
        let source = error.into();
        Box::new(Failure { act, source })
    }
}

#[derive(Debug)]
struct Failure {
    act: String,
    source: BoxError,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.act)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// The error and its causes, on one line.
fn chain(error: &BoxError) -> String {
    ErrorChain::new(Some(&**error)).to_string()
}

/// The exit status of a command that was used wrongly.
const USAGE: u8 = 2;

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn all_causes_are_written_on_one_line() {
        let error = Err::<(), _>(io::Error::other("no\nfiles"))
            .map_err(cannot("start the simulator"))
            .map_err(cannot("start the upstream"));

        assert_eq!(
            chain(&error.unwrap_err()),
            "cannot start the upstream: cannot start the simulator: no\\nfiles"
        );
    }
}
