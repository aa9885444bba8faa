//! The errors of tower's own layers.

use std::error::Error;

use tower::buffer::error::Closed;
use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;
use tower_edge_core::Kind;

pub(crate) fn kind_of(error: &(dyn Error + 'static)) -> Option<Kind> {
    if error.is::<Elapsed>() {
        Some(Kind::UpstreamTimeout)
    } else if error.is::<Overloaded>() {
        Some(Kind::Overloaded)
    } else if error.is::<Closed>() {
        Some(Kind::Unavailable)
    } else {
        None
    }
}
