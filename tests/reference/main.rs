//! Schemas, documents, types and pages that come from a catalogue and its formats.
//!
//! A page is read in Chromium, which Playwright drives; axe checks what it can of accessibility, contrast among it.
//! After a change that is meant, `EDGE_UPDATE=1 cargo test -p tower-edge-tests --test reference` rewrites `shop.ts`, and
//! `docs/guide/own-errors/reference.png`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod bodies;
mod browser;
mod openapi;
mod operations;
mod references;
mod router;
mod shop;
mod typescript;
