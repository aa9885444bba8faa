//! Measures requests, for the layer of feature `metrics`.

use std::sync::Arc;
use std::time::Instant;

use http::Method;
use tower_edge_core::contain_panic;

use super::count::{Labeled, OTHER, RequestTimes, RequestsInFlight, Series};

/// The series of one layer.
#[derive(Debug)]
pub(crate) struct Requests {
    in_flight: Series<RequestsInFlight>,
    /// The routes of earlier requests, so that a request keeps one without a copy.
    routes: Labeled<Arc<str>>,
    times: Series<RequestTimes>,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            in_flight: Series::new(),
            routes: Labeled::new(),
            times: Series::new(),
        }
    }
}

/// One request, until there is a response.
#[derive(Debug)]
pub(crate) struct Measured {
    is_recorded: bool,
    method: &'static str,
    requests: Arc<Requests>,
    route: Option<Arc<str>>,
    start: Instant,
}

impl Measured {
    pub(crate) fn new(
        requests: &Arc<Requests>,
        method: &Method,
        route: Option<&str>,
        start: Instant,
    ) -> Self {
        requests.in_flight.add(1.0);
        let routes = &requests.routes;
        Self {
            is_recorded: false,
            method: name_of(method),
            requests: requests.clone(),
            route: route.map(|route| {
                let known = routes.get_or_insert_with(&[route], || route.into());
                known.map_or_else(|| OTHER.into(), Arc::clone)
            }),
            start,
        }
    }

    /// Records the response, or that there is none.
    pub(crate) fn record(&mut self, status: &'static str, key: &'static str) {
        self.is_recorded = true;
        let route = self.route.as_deref().unwrap_or_default();
        let labels = [self.method, route, status, key];
        self.requests.times.record(&labels, self.start.elapsed());
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        contain_panic(|| {
            if !self.is_recorded {
                self.record("aborted", "");
            }
            self.requests.in_flight.add(-1.0);
        });
    }
}

/// A client may send any method.
fn name_of(method: &Method) -> &'static str {
    let known = METHODS.into_iter().find(|known| *known == method.as_str());
    known.unwrap_or(OTHER)
}

/// The methods of RFC 9110 and RFC 5789.
const METHODS: [&str; 9] = [
    "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE",
];

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{pending, ready};

    use http::{Request, Response};
    use tokio_test::block_on;
    use tower::{Service, ServiceExt, service_fn};
    use tower_edge_core::{BoxError, Kind, Problem, RouteTemplate};
    use tower_layer::Layer;

    use crate::metrics::RequestMetricsLayer;
    use crate::telemetry::test_support::count::Counted;

    /// What is recorded for a request, without the times.
    fn recorded(method: &str, response: fn() -> Result<Response<()>, BoxError>) -> Vec<String> {
        let service =
            RequestMetricsLayer::new().layer(service_fn(|_: Request<()>| ready(response())));
        let template = RouteTemplate("/media/{id}".into());
        let request = Request::builder().uri("/media/7").method(method);
        let request = request.extension(template).body(()).unwrap();
        let lines = Counted::meanwhile(|| drop(block_on(service.oneshot(request))));
        let name = |line: &String| line.rsplit_once(' ').map(|(name, _)| name.to_owned());
        lines[1..].iter().filter_map(name).collect()
    }

    #[test]
    fn a_response_is_measured_by_route_class_and_problem() {
        let ok = || Ok(Response::new(()));
        let failed = || Err("broken".into());
        let rejected = || {
            let mut response = Response::new(());
            *response.status_mut() = http::StatusCode::NOT_FOUND;
            response
                .extensions_mut()
                .insert(Problem::new(Kind::NotFound));
            Ok(response)
        };

        for (method, received, labels) in [
            (
                "PUT",
                ok as fn() -> _,
                "method=PUT route=/media/{id} status=2xx key=",
            ),
            ("BREW", ok, "method=other route=/media/{id} status=2xx key="),
            (
                "GET",
                failed,
                "method=GET route=/media/{id} status=error key=",
            ),
            (
                "GET",
                rejected,
                "method=GET route=/media/{id} status=4xx key=not_found",
            ),
        ] {
            assert_eq!(
                recorded(method, received),
                [
                    &format!("tower_edge_request_duration_seconds {labels}"),
                    "tower_edge_requests_in_flight",
                ]
            );
        }
    }

    #[test]
    fn a_request_is_in_flight_until_its_client_leaves() {
        let lines = Counted::meanwhile(|| {
            let mut service = RequestMetricsLayer::new().layer(service_fn(|_| {
                pending::<Result<Response<()>, Infallible>>()
            }));
            drop(service.call(Request::new(())));
        });

        let [entered, aborted, left] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert_eq!(entered, "tower_edge_requests_in_flight 1");
        assert!(
            aborted.contains(" route= status=aborted key= "),
            "{aborted}"
        );
        assert_eq!(left, "tower_edge_requests_in_flight -1");
    }

    #[test]
    fn a_layer_outside_of_a_router_has_routes_by_its_setting() {
        let layer = RequestMetricsLayer::new();
        let layer = layer.with_routes(["/{prefix}/a", "/{prefix}/{id}"]);
        let lines = Counted::meanwhile(|| {
            for path in ["/x/a", "/x/b", "/x/", "/x/b/c", "/a"] {
                let service = layer.layer(service_fn(async |_: Request<()>| {
                    Ok::<_, Infallible>(Response::new(()))
                }));
                block_on(service.oneshot(Request::get(path).body(()).unwrap())).unwrap();
            }
        });

        let routes = lines.iter().filter_map(|line| line.split(" route=").nth(1));
        let routes: Vec<_> = routes.map(|line| line.split(' ').next()).collect();
        let expected = ["/{prefix}/a", "/{prefix}/{id}", "", "", ""];
        assert_eq!(routes, expected.map(Some));
    }
}
