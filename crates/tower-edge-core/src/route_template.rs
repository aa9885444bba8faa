use std::borrow::Cow;

/// The route that a request has matched, such as `/media/{id}`, put into its extensions by whatever
/// routes it.
///
/// axum's `MatchedPath` says the same inside a `Router`; a router of one's own inserts this.
///
/// ```
/// use http::Request;
/// use tower_edge_core::RouteTemplate;
///
/// let mut request = Request::new(());
/// request.extensions_mut().insert(RouteTemplate("/media/{id}".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTemplate(pub Cow<'static, str>);
