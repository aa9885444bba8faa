//! The route that a request has matched.
#![cfg(any(
    feature = "metrics",
    feature = "rate-limit",
    all(feature = "correlation-id", feature = "tracing")
))]

#[cfg(feature = "axum")]
use axum::extract::MatchedPath;
use http::Extensions;
#[cfg(any(feature = "metrics", feature = "rate-limit"))]
use tower_edge_core::RouteTemplate;

/// The template of the route, if it is known: that of a router, or else of axum.
#[cfg(any(feature = "metrics", feature = "rate-limit"))]
pub(crate) fn route_template(extensions: &Extensions) -> Option<&str> {
    extensions
        .get()
        .map(|RouteTemplate(template)| &**template)
        .or_else(|| matched_path(extensions))
}

/// A path such as `/users/{id}`; `None` without the feature `axum`, and outside of a `Router`.
pub(crate) fn matched_path(extensions: &Extensions) -> Option<&str> {
    #[cfg(feature = "axum")]
    {
        extensions.get().map(MatchedPath::as_str)
    }
    #[cfg(not(feature = "axum"))]
    {
        let _ = extensions;
        None
    }
}
