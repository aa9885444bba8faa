//! Stands in for axum where its word on the route is not asked for.

use http::Extensions;

pub(crate) const fn template(_: &Extensions) -> Option<&str> {
    None
}
