use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::{env, io};

use clap::Parser;
use tokio::net::TcpListener;
use tower_edge::BoxError;
use tower_edge::server::LogWriter;
use tracing_subscriber::EnvFilter;

use crate::usage;

/// Starts the log, parses the flags and serves. Returns the status to exit with.
///
/// A [`clap::Error`] of `serve` is one of a flag, as for flags that do not go together.
pub fn run<F: Parser>(serve: impl FnOnce(F) -> Result<(), BoxError>) -> ExitCode {
    let log = start_log();
    // A value that is not text is told with its flag, as any other bad value.
    let words = env::args_os().map(|word| word.to_string_lossy().into_owned());
    let flags = usage::parse(words).map_err(BoxError::from);
    let Err(error) = flags.and_then(serve) else {
        return ExitCode::SUCCESS;
    };
    let (line, status) = match error.downcast_ref::<clap::Error>() {
        Some(help) if !help.use_stderr() => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
        Some(error) => (usage::line(error), ExitCode::from(USAGE)),
        None => (error.to_string(), ExitCode::FAILURE),
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

/// Listens, and prints where on stdout. Whoever reads that may stop the program: signals have to be caught before.
///
/// # Errors
///
/// When the address is in use, or is none of this machine.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, BoxError> {
    let failed = |error| format!("cannot listen on {address}: {error}");
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr()?;
    // Whoever started the program may have closed the pipe; it serves all the same.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    Ok(listener)
}

/// The exit status of a command that was used wrongly.
const USAGE: u8 = 2;
