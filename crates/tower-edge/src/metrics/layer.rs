use std::fmt;
use std::sync::Arc;

use http::response::Parts;
use tower_edge_core::Problem;
use tower_edge_core::rate_limit::Never;
use tower_layer::Layer;

use crate::driver::{
    Decision, Driver, EdgeLayer, EdgeService, Finish, Gate, InnerResponse, RequestHead, Sealed,
};
use crate::matched_path::route_template;
use crate::telemetry::count::status_class;
use crate::telemetry::request::{Measured, Requests};

/// Measures how long requests take, and how many are in flight. See the [module docs](super) for an example.
#[doc(alias("opentelemetry", "prometheus"))]
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct RequestMetricsLayer {
    driver: Driver<MeasureRequests>,
}

/// The gate of a [`RequestMetricsLayer`].
#[derive(Clone, Default)]
pub struct MeasureRequests {
    requests: Arc<Requests>,
    routes: Arc<[&'static str]>,
}

impl RequestMetricsLayer {
    /// A layer whose series are registered with the first requests.
    pub fn new() -> Self {
        Self {
            driver: Driver::new(MeasureRequests::default()),
        }
    }

    /// Names the routes, for a layer outside of the router. A path gets the first route that fits it. A segment in
    /// braces fits any text but an empty one.
    ///
    /// ```
    /// use tower_edge::metrics::RequestMetricsLayer;
    ///
    /// let layer = RequestMetricsLayer::new().with_routes(["/media", "/media/{id}"]);
    /// # let _ = layer;
    /// ```
    pub fn with_routes(self, routes: impl IntoIterator<Item = &'static str>) -> Self {
        let routes = routes.into_iter().collect();
        Self {
            driver: self.driver.with(|gate| gate.routes = routes),
        }
    }
}

/// Whether the path fits this route.
fn fits(route: &str, path: &str) -> bool {
    let is_parameter = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(same)) if part == same => {}
            (Some(part), Some(text)) if is_parameter(part) && !text.is_empty() => {}
            _ => return false,
        }
    }
}

/// The measurement of one request.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct State(Option<Measured>);

impl Sealed for MeasureRequests {}

impl Gate for MeasureRequests {
    type State = State;
    type Pending = Never<()>;
    type Timer = ();

    #[inline(always)]
    fn decide(&self, state: &mut State, request: &mut RequestHead<'_>) -> Decision<Never<()>> {
        let start = request.now();
        let head = request.head();
        let path = head.uri.path();
        let listed = || self.routes.iter().copied().find(|route| fits(route, path));
        let route = route_template(head.extensions).or_else(listed);
        state.0 = Some(Measured::new(&self.requests, head.method, route, start));
        Decision::Admit
    }
}

#[diagnostic::do_not_recommend]
impl<B, E> Finish<B, E> for MeasureRequests {
    type Body = B;
    type Error = E;

    #[inline(always)]
    fn finish(
        &self,
        state: &mut State,
        head: &mut Parts,
        inner: InnerResponse<B, E>,
    ) -> InnerResponse<B, E> {
        if let Some(mut measured) = state.0.take() {
            let (status, problem) = match &inner {
                InnerResponse::Error(_) => ("error", None),
                InnerResponse::Problem(problem) => (status_class(head.status), Some(problem)),
                InnerResponse::Body(_) => (status_class(head.status), head.extensions.get()),
            };
            measured.record(status, problem.map_or("", Problem::key));
        }
        inner
    }

    fn unready(&self, error: E) -> Result<Problem, E> {
        Err(error)
    }
}

impl fmt::Debug for MeasureRequests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeasureRequests").finish_non_exhaustive()
    }
}

impl Default for RequestMetricsLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for RequestMetricsLayer {
    type Service = EdgeService<S, MeasureRequests>;

    fn layer(&self, inner: S) -> Self::Service {
        self.driver.service(inner)
    }
}

impl EdgeLayer for RequestMetricsLayer {
    type Gate = MeasureRequests;

    fn into_gate(self) -> MeasureRequests {
        self.driver.into_gate()
    }
}
