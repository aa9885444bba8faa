//! What a request costs, counted and timed on fixed requests: through the layers, alone and stacked,
//! and through what others use in their place.
//!
//! `cargo xtask budget` counts the [`Scenario`]s and compares them with their limits, `cargo bench` times
//! them, and `cargo xtask plot` draws them. Each includes making the request and dropping the response,
//! so only the difference to the bare service counts. No event is logged.
//!
//! ```
//! use tower_edge_benches::render;
//!
//! for scenario in &mut render::scenarios() {
//!     scenario.run(10);
//! }
//! ```

mod requests;
mod scenario;

pub mod layers;
pub mod peers;
pub mod render;
pub mod stores;
pub mod telemetry;

pub use self::scenario::{REQUESTS, Scenario, measured_region, times};
