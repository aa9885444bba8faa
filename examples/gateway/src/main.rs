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
mod metrics;
mod policies;
mod routes;
mod upstream;

use std::num::NonZeroUsize;
use std::process::ExitCode;

use command_line::listen;
use tower_edge::BoxError;
use tower_edge::server::{Server, shutdown_signal};

use crate::flags::Flags;
use crate::upstream::Upstream;

fn main() -> ExitCode {
    command_line::run(|flags| serve(&flags))
}

#[tokio::main]
async fn serve(flags: &Flags) -> Result<(), BoxError> {
    flags.check_names()?;
    let shutdown = shutdown_signal()?;
    metrics::start(flags.metrics).await?;
    let upstream = Upstream::start(flags).await?;
    let connections = flags.max_connections_per_address;
    let server = Server::new()
        .with_write_timeout(flags.write_timeout)
        .with_max_connections_per_address(connections.map(NonZeroUsize::get));
    if flags.bare {
        let routes = app::bare(flags, &upstream);
        server
            .serve(listen(flags.listen).await?, routes, shutdown)
            .await;
    } else {
        let stack = app::full(flags, &upstream)?;
        server
            .serve(listen(flags.listen).await?, stack, shutdown)
            .await;
    }
    Ok(())
}
