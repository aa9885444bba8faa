//! What the five documents print, byte for byte, and what their tables name.
//!
//! `fixtures/index.json` lists each example response with the document that it is from and the heading
//! that it stands under; `codes.tsv` is what a document's tables name, `rows.txt` a response for every
//! row of a catalogue. After a change that is meant,
//! `EDGE_UPDATE=1 cargo test -p tower-edge-tests --test golden` rewrites `rows.txt` and `docs/errors`;
//! examples are never rewritten.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod case;
mod cases;
mod catalogs;
mod coverage;
mod examples;
mod fixture;
mod layers;
mod medianest;
mod remote;
mod snapshot;
mod statuses;
mod store;
