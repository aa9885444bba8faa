//! The route that a request has matched.
#![cfg(any(
    feature = "envelope",
    feature = "metrics",
    feature = "rate-limit",
    all(feature = "correlation-id", feature = "tracing")
))]

#[cfg(feature = "axum")]
use axum::extract::MatchedPath;
use http::Extensions;
use tower_edge_core::RouteTemplate;

/// A route that stays known after its request is gone.
#[cfg(feature = "envelope")]
#[derive(Debug)]
pub(crate) enum Route {
    #[cfg(feature = "axum")]
    Matched(MatchedPath),
    Template(RouteTemplate),
}

#[cfg(feature = "envelope")]
impl Route {
    pub(crate) fn new(extensions: &Extensions) -> Option<Self> {
        let template = extensions.get().cloned().map(Self::Template);
        #[cfg(feature = "axum")]
        let template = template.or_else(|| extensions.get().cloned().map(Self::Matched));
        template
    }

    pub(crate) fn template(&self) -> &str {
        match self {
            #[cfg(feature = "axum")]
            Self::Matched(path) => path.as_str(),
            Self::Template(RouteTemplate(template)) => template,
        }
    }
}

/// The template of the route, if it is known: from a router, else from axum.
#[cfg(any(
    feature = "metrics",
    feature = "rate-limit",
    all(feature = "correlation-id", feature = "tracing")
))]
pub(crate) fn route_template(extensions: &Extensions) -> Option<&str> {
    let template = extensions.get().map(|RouteTemplate(template)| &**template);
    #[cfg(feature = "axum")]
    let template = template.or_else(|| extensions.get().map(MatchedPath::as_str));
    template
}
