//! Schemas, documents, types and the page that come from a catalogue and its formats.
//!
//! Chromium opens the page, driven by Playwright, and axe checks what it can of accessibility, contrast among it. After a
//! change that is meant, `EDGE_UPDATE=1 cargo test -p tower-edge-tests --test reference` rewrites `shop.ts` and
//! `docs/errors/reference.png`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod bodies;
mod browser;
mod openapi;
mod references;
mod shop;
mod typescript;
