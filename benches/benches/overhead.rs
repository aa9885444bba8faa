//! What each layer, and all five together, add to a request: the bare service, and what stands in
//! front of it, over a plain service and over axum.
//!
//! `cargo bench -p tower-edge-benches --bench overhead`; criterion's own flags ask for more or less.

mod measure;

use tower_edge_benches::{layers, stack};

fn main() -> std::io::Result<()> {
    let mut scenarios = layers::scenarios();
    scenarios.extend(stack::scenarios());
    measure::measure("overhead", scenarios)
}
