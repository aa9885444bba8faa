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
mod reference;
mod routes;
mod upstream;

use std::process::ExitCode;

use command_line::cannot;
use tower_edge::BoxError;

use crate::flags::Flags;
use crate::upstream::Upstream;

fn main() -> ExitCode {
    command_line::run(serve)
}

async fn serve(flags: Flags) -> Result<(), BoxError> {
    flags.check_names()?;
    let server = flags.server.bind().await?;
    if let Some(address) = flags.metrics {
        command_line::serve_metrics(address).await?;
    }
    let upstream = Upstream::start(&flags).await;
    let upstream = upstream.map_err(cannot("start the upstream"))?;
    match flags.bare {
        true => server.serve(app::bare(&flags, &upstream)).await,
        false => server.serve(app::full(&flags, &upstream)?).await,
    }
    Ok(())
}
