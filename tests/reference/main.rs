//! The page of an error reference in a real browser.
//!
//! Chromium is driven by Playwright, and axe checks what it can of accessibility, contrast among it.
//! `EDGE_UPDATE=1 cargo test -p tower-edge-tests --test reference` rewrites `docs/errors/reference.png`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod browser;
mod shop;
