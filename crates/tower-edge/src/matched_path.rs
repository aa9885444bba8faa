//! The path of the route that axum matched.
#![cfg(any(
    feature = "rate-limit",
    all(feature = "correlation-id", feature = "tracing")
))]

#[cfg(feature = "axum")]
use axum::extract::MatchedPath;
use http::Extensions;

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
