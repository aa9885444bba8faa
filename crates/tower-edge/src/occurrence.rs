//! When and as which occurrence a server error is written.

use std::time::SystemTime;

use tower_edge_core::Occurrence;

#[expect(
    clippy::disallowed_methods,
    reason = "the time goes into the answer, nothing is decided by it"
)]
pub(crate) fn now() -> Occurrence {
    Occurrence::new(fastrand::u64(..), SystemTime::now())
}
