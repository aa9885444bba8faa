//! Correlation ids: which one a request goes by, and where it is known.
#![expect(
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod ask;
mod choice;
mod client;
mod far;
mod properties;
mod span;
mod traps;
