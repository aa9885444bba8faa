//! thiserror's derive in an attribute of its own, without `#[api(thiserror)]`.
use tower_edge::ApiError;

#[derive(Debug, ApiError)]
#[derive(thiserror::Error)]
enum ShopError {
    #[error("{left} left")]
    #[api(Conflict)]
    OutOfStock { left: usize },
}

fn main() {}
