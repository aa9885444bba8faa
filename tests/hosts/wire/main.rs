//! What a client sees of the layers in ten servers, as bytes of HTTP/1.1 and as HTTP/2.
//!
//! `cases` has a row for each case, and `hosts` a file for each server. A case that a server cannot pass is in its list of
//! exceptions with the reason, and fails once it passes.
#![expect(
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod call;
mod cases;
mod docs;
mod handlers;
mod host;
mod hosts;
mod link;
mod response;
mod stack;
