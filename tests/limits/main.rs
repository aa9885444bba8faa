//! What a rate limit does between a client and a handler: whom it limits, at what cost, and what it tells.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop where something is not as arranged"
)]

mod allowance;
mod at_once;
mod charge;
mod fields;
mod live;
mod merged;
mod modes;
mod scope;
mod stand;
