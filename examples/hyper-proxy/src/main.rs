//! A reverse proxy with all five layers of tower-edge, on hyper and no framework.
//!
//! `cargo run -p hyper-proxy -- --upstream http://127.0.0.1:8080`, then `curl -i localhost:3000/`. It
//! speaks HTTP/1.1 and HTTP/2 with prior knowledge on one port, and HTTP/1.1 to the upstream. An
//! upstream that cannot be reached or breaks off is answered with 502 and one that is slow with 504,
//! as problem details. So are errors that the upstream sends bare or as plain text; those in a format
//! of its own are passed on. What clients and calls can hold is bounded by `--write-timeout`,
//! `--max-connections-per-address` and `--max-upstream-calls`.
//!
//! Of the fields of a request, the upstream sees those that [`Forwarder`](tower_edge::forward::Forwarder)
//! passes on, and those of `--forward-field`.

mod flags;
mod proxy;
mod upstream;
mod value;

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::{fmt, io};

use tokio::net::TcpListener;
use tower_edge::server;
use tower_edge::server::{LogWriter, Server};
use tracing_subscriber::EnvFilter;

use crate::flags::Flags;

fn main() -> ExitCode {
    let flags = match Flags::from_command_line() {
        Ok(flags) => flags,
        Err(exit) => return exit,
    };
    let log = start_log();
    match run(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            let line = format!("error: {error}: {cause}\n");
            // By way of the log, which waits for nobody who should read it.
            let _ = log.make_writer()().write_all(line.as_bytes());
            ExitCode::FAILURE
        }
    }
}

/// Logs to stderr, panics too, and waits for nobody who should read it.
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

#[tokio::main]
async fn run(flags: Flags) -> Result<(), StartError> {
    // Caught before anybody is told that there is a server to stop.
    let shutdown = server::shutdown_signal().map_err(StartError::Signals)?;
    let address = flags.listen;
    let failed = |cause| StartError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    // Whoever started the proxy may have closed the pipe; it serves all the same.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    let mut server = Server::new().with_write_timeout(flags.write_timeout);
    if let Some(connections) = flags.max_connections_per_address {
        server = server.with_max_connections_per_address(connections.get());
    }
    server
        .serve(listener, proxy::service(flags), shutdown)
        .await;
    Ok(())
}

/// Why the proxy did not start.
#[derive(Debug)]
#[non_exhaustive]
enum StartError {
    /// The address is in use, or is none of this machine.
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The signals that stop the proxy cannot be caught.
    Signals(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, .. } => write!(f, "cannot listen on {address}"),
            Self::Signals(_) => f.write_str("cannot catch signals"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen { cause, .. } | Self::Signals(cause) => Some(cause),
        }
    }
}
