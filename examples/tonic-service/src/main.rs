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

use std::process::ExitCode;

use command_line::{bind, cannot};
use tower_edge::BoxError;
use tower_edge::server::shutdown_signal;

use crate::echo::EchoService;
use crate::flags::Flags;

fn main() -> ExitCode {
    command_line::run(serve)
}

async fn serve(flags: Flags) -> Result<(), BoxError> {
    let shutdown = shutdown_signal().map_err(cannot("catch signals"))?;
    let listener = bind(flags.listen).await?;
    let upstream = match flags.upstream {
        Some(endpoint) => endpoint,
        None => upstream::simulate()
            .await
            .map_err(cannot("start the upstream"))?,
    };
    let echo = EchoService {
        upstream: upstream::connect(&upstream),
    };
    server::serve(listener, echo, shutdown).await
}
