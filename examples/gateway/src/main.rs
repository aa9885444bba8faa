//! An API gateway with all five layers of tower-edge, and an upstream to try them on.
//!
//! `cargo run -p gateway`, then `curl -i localhost:3000/problem/api/media/7`. The same API is mounted
//! once per error format: under `/problem`, `/plexmcp`, `/plexichat`, `/ads`, `/medianest` and
//! `/routermcp`.

mod app;
mod cors;
mod flags;
mod formats;
mod mcp;
mod policies;
mod routes;
mod upstream;

use std::io;
use std::io::Write;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tower_edge::server;
use tower_edge::server::{LogWriter, Server};
use tracing_subscriber::EnvFilter;

use crate::flags::Flags;
use crate::upstream::Upstream;

fn main() -> ExitCode {
    let flags = match Flags::parse() {
        Ok(flags) => flags,
        Err(exit) => return exit,
    };
    let log = start_log();
    match run(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            flags::complain(log.make_writer()(), &error);
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
async fn run(flags: &Flags) -> Result<(), String> {
    let listener = TcpListener::bind(flags.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", flags.listen))?;
    let upstream = Upstream::start(flags)
        .await
        .map_err(|error| format!("cannot start the upstream: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let shutdown =
        server::shutdown_signal().map_err(|error| format!("cannot listen for signals: {error}"))?;
    // Whoever started us may have closed the pipe; that is no reason not to serve.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    let mut server = Server::new().with_write_timeout(flags.write_timeout);
    if let Some(connections) = flags.max_connections_per_address {
        server = server.with_max_connections_per_address(connections.get());
    }
    if flags.bare {
        let routes = app::bare(flags, &upstream);
        server.serve(listener, routes, shutdown).await;
    } else {
        let stack = app::full(flags, &upstream).map_err(|error| error.to_string())?;
        server.serve(listener, stack, shutdown).await;
    }
    Ok(())
}
