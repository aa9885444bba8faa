//! The dashboard, the alerts and the page of `docs` on them, held against the metrics that the crates document and the
//! events that they log. Tests of the crates hold the tables of metrics against the code.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where something is not as it was arranged"
)]

mod documented;
mod events;
mod expression;
mod log;
mod names;
mod page;
mod promtool;
mod rules;

use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
