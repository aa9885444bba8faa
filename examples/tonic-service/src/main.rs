//! A gRPC service with all five layers of tower-edge, on tonic.
//!
//! `cargo run -p tonic-service -- --listen 127.0.0.1:50051` serves `edge.Echo` of `proto/edge.proto` over gRPC and
//! gRPC-Web, with health and reflection. `server.rs` has the stack of layers. Every rejection is trailers-only.
//! `Relay` and `Slow` call `--upstream`, with the id and the deadline of the call that they serve.

mod echo;
mod flags;
mod proto;
mod server;
mod upstream;

use std::io;
use std::io::Write;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tower_edge::BoxError;
use tower_edge::server::{LogWriter, shutdown_signal};
use tracing_subscriber::EnvFilter;

use crate::echo::EchoService;
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
            // The log does not wait for its reader.
            let _ = log.make_writer()().write_all(format!("error: {error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
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

#[tokio::main]
async fn run(flags: Flags) -> Result<(), BoxError> {
    // The process catches signals before it prints its address.
    let shutdown = shutdown_signal()?;
    let listener = TcpListener::bind(flags.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", flags.listen))?;
    let upstream = match flags.upstream {
        Some(endpoint) => endpoint,
        None => upstream::simulate().await?,
    };
    let echo = EchoService {
        upstream: upstream::connect(&upstream),
    };
    let address = listener.local_addr()?;
    // Nobody may read this, and the service runs all the same.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    server::serve(listener, echo, shutdown).await
}
