//! What a rate limit does between a client and a handler: whom it limits, at what cost, and which fields it writes.

mod allowance;
mod at_once;
mod charge;
mod fail_open;
mod fields;
mod handler;
mod harness;
mod live;
mod merged;
mod modes;
mod scope;
mod selection;
