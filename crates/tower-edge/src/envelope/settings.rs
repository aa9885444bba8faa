use std::error::Error;

use tower_edge_core::Exposure;
use tower_edge_core::Kind;

/// What the layer passes on to each request as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) classify: fn(&(dyn Error + 'static)) -> Option<Kind>,
    pub(super) exposure: Exposure,
}
