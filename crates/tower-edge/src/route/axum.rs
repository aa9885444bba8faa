//! What axum knows of the route.

use axum::extract::MatchedPath;
use http::Extensions;

pub(crate) fn template(extensions: &Extensions) -> Option<&str> {
    extensions.get().map(MatchedPath::as_str)
}
