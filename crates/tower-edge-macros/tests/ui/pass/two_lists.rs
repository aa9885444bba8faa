//! thiserror's derive in an attribute of its own.
#![deny(warnings)]

use tower_edge::{ApiError, Problem};

/// Display is thiserror's.
#[derive(Debug, ApiError)]
#[derive(thiserror::Error)]
#[api(thiserror)]
pub enum ShopError {
    /// The argument is for thiserror.
    #[error("{0} left", .left + 1)]
    #[api(Conflict)]
    OutOfStock { left: usize },
}

fn main() {
    let problem = Problem::from(ShopError::OutOfStock { left: 1 });

    assert_eq!(problem.message(), Some("2 left"));
}
