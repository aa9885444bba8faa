//! `#[derive(ApiError)]`, and the functions that its code calls.

#[doc(hidden)]
pub mod __private;

pub use tower_edge_macros::ApiError;
