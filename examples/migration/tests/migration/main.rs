//! What the stacks of `before` do wrong, and that those of `after` do not. `guide` holds `docs/guide/migration.md` against both.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod courses;
mod dns;
mod guide;
mod peers;
mod rpc_node;
mod support;
