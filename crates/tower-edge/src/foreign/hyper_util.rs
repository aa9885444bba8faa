//! The errors of hyper, and of hyper-util's client.

use std::error::Error;

use hyper_util::client::legacy;
use tower_edge_core::Kind;

pub(crate) fn kind_of(error: &(dyn Error + 'static)) -> Option<Kind> {
    if let Some(error) = error.downcast_ref::<legacy::Error>() {
        let unreachable = error.is_connect();
        return Some(if unreachable {
            Kind::UpstreamUnreachable
        } else {
            Kind::UpstreamError
        });
    }
    error.downcast_ref::<hyper::Error>().map(|error| {
        if error.is_timeout() {
            Kind::UpstreamTimeout
        } else if error.is_user() {
            Kind::Internal
        } else {
            Kind::UpstreamError
        }
    })
}
