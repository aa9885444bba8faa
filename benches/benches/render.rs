//! The bytes of a body in each format, beside what serde's derive makes of the same.
//!
//! `cargo bench -p tower-edge-benches --bench render`

mod measure;

use tower_edge_benches::render;

fn main() -> std::io::Result<()> {
    measure::measure("render", render::scenarios())
}
