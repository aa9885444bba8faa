//! A gRPC service with all five layers of tower-edge, on tonic.
//!
//! `cargo run -p tonic-echo -- --listen 127.0.0.1:50051` serves `edge.Echo`, whose methods take and
//! give a `google.protobuf.StringValue`: `Say` gives back what it is told, `Limited` does so once in
//! ten seconds for each caller, `Slow` stands for an upstream that never answers, and `Panic` for a
//! mistake. Every refusal is trailers-only.

mod echo;
mod flags;
mod server;

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::{fmt, io};

use tokio::net::TcpListener;
use tower_edge::BoxError;

use crate::flags::Flags;
use crate::server::stop;

fn main() -> ExitCode {
    let flags = match Flags::from_command_line() {
        Ok(flags) => flags,
        Err(exit) => return exit,
    };
    match run(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}"));
            // Nobody may be reading, which changes nothing about the exit status.
            let _ = writeln!(io::stderr(), "error: {error}{}", cause.unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(flags: &Flags) -> Result<(), BoxError> {
    // Caught before anybody is told that there is a server to stop.
    let stop = stop()?;
    let address = flags.listen;
    let failed = |cause| ListenError { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    // Whoever started the service may have closed the pipe; it serves all the same.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    server::serve(listener, stop).await
}

/// The address is in use, or is none of this machine.
#[derive(Debug)]
struct ListenError {
    address: SocketAddr,
    cause: io::Error,
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot listen on {}", self.address)
    }
}

impl Error for ListenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}
