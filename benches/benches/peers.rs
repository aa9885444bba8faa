//! The five layers beside what others use in their place, and each limiter alone beside ours.
//!
//! `cargo bench -p tower-edge-benches --bench peers`

mod measure;

use tower_edge_benches::{limiters, peers, stack};

fn main() -> std::io::Result<()> {
    let mut scenarios = stack::scenarios();
    scenarios.retain(|scenario| scenario.name().starts_with("axum_"));
    scenarios.extend(peers::scenarios());
    scenarios.extend(limiters::scenarios());
    measure::measure("peers", scenarios)
}
