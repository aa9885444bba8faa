//! What a request costs, counted and timed on fixed requests: through the layers, alone and stacked,
//! and through what others use in their place.
//!
//! The same [`Scenario`]s are counted by `cargo xtask gates`, timed by `cargo bench`, and drawn by
//! `cargo xtask plot`. Each includes making the request and dropping the answer, so only the
//! difference to the bare service counts. No event is logged.
//!
//! ```
//! use tower_edge_benches::render;
//!
//! for scenario in &mut render::scenarios() {
//!     scenario.run(10);
//! }
//! ```

mod drive;
mod requests;
mod scenario;

pub mod keys;
pub mod layers;
pub mod limiters;
pub mod peers;
pub mod render;
pub mod stack;
pub mod store;

pub use self::drive::{REQUESTS, measured_region, times};
pub use self::scenario::Scenario;
