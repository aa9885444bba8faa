//! The errors of reqwest.

use std::error::Error;

use tower_edge_core::Kind;

pub(crate) fn kind_of(error: &(dyn Error + 'static)) -> Option<Kind> {
    // A connection that took too long is both: a timeout is tested first.
    error.downcast_ref::<reqwest::Error>().map(|error| {
        if error.is_timeout() {
            Kind::UpstreamTimeout
        } else if error.is_connect() {
            Kind::UpstreamUnreachable
        } else if error.is_builder() {
            Kind::Internal
        } else {
            Kind::UpstreamError
        }
    })
}
