//! `#[derive(ApiError)]`, and what the code that it adds calls.

#[doc(hidden)]
pub mod __private;

pub use tower_edge_macros::ApiError;
