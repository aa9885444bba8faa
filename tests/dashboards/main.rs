//! The dashboard, the alerts and the page of `docs` on them, held against the metrics that the crates document. Tests of
//! the crates hold those tables against the code.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as it was arranged"
)]

mod documented;
mod expression;
mod names;
mod page;
mod promtool;
mod rules;

use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
