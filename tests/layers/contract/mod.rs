//! What every layer owes to the services around it, held by the same tests for all five.
//!
//! `each_layer!` in `layers.rs` is the table: a test is a block of code that the macro repeats for
//! every row, so that a layer's types need no name. A new layer gets a row there, and with it all of
//! the tests.

#[macro_use]
mod layers;

mod any_body;
mod bodies;
mod bounds;
mod cancellation;
mod forwarding;
mod probe;
mod readiness;
mod refusals;
mod size_hints;
mod store;
