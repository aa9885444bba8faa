//! Schemas, documents and types that come from a catalogue and its formats.
//!
//! After a change that is meant, `EDGE_UPDATE=1 cargo test -p tower-edge-tests --test reference` rewrites `shop.ts`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod bodies;
mod openapi;
mod references;
mod typescript;
