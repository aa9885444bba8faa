use std::fmt;
use std::sync::Arc;

use http::response::Parts;
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{Head, Problem};
use tower_layer::Layer;

use crate::driver::{
    Decision, Driver, EdgeLayer, EdgeService, Finish, Gate, InnerResponse, RequestHead, Sealed,
};
use crate::matched_path::route_template;
use crate::telemetry::count::status_class;
use crate::telemetry::request::{Measured, Requests};

/// Measures how long requests take, and how many there are at a time. See the [module docs](super) for an example.
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct RequestMetricsLayer {
    driver: Driver<MeasureRequests>,
}

/// The gate of a [`RequestMetricsLayer`].
#[derive(Clone, Default)]
pub struct MeasureRequests {
    requests: Arc<Requests>,
    route_by: Option<Arc<RouteBy>>,
}

type RouteBy = dyn Fn(Head<'_>) -> Option<&'static str> + Send + Sync;

impl RequestMetricsLayer {
    /// A layer whose series are registered with the first requests.
    pub fn new() -> Self {
        Self {
            driver: Driver::new(MeasureRequests::default()),
        }
    }

    /// Sets the route of a request that no router has matched yet, where the layer stands outside of it. The texts are
    /// those of code, so that no path becomes a label.
    ///
    /// ```
    /// use tower_edge::metrics::RequestMetricsLayer;
    ///
    /// let layer = RequestMetricsLayer::new().with_route_by(|head| {
    ///     head.uri.path().starts_with("/media/").then_some("/media/{id}")
    /// });
    /// # let _ = layer;
    /// ```
    pub fn with_route_by(
        self,
        route: impl Fn(Head<'_>) -> Option<&'static str> + Send + Sync + 'static,
    ) -> Self {
        let route: Arc<RouteBy> = Arc::new(route);
        Self {
            driver: self.driver.with(|gate| gate.route_by = Some(route)),
        }
    }
}

/// What is measured of one request.
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
        let by = || self.route_by.as_ref().and_then(|route_by| route_by(head));
        let route = route_template(head.extensions).or_else(by);
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
