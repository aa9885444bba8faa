//! The metrics of all layers, and a layer that measures requests.
//!
//! Feature `metrics` records into the [`metrics`](https://docs.rs/metrics) facade. Any exporter of the facade reads the
//! metrics, such as `metrics-exporter-prometheus`. Each layer counts by itself:
//!
//! | metric | kind | unit | labels | counts |
//! |---|---|---|---|---|
//! | `tower_edge_client_retries_total` | counter | count | `reason`, `outcome` | failed attempts that a client may retry, by whether it did |
//! | `tower_edge_correlation_ids_replaced_total` | counter | count | `reason` | requests whose id was not accepted |
//! | `tower_edge_problems_total` | counter | count | `key`, `status`, `format` | problems that were sent to clients |
//! | `tower_edge_rate_limit_decision_duration_seconds` | histogram | seconds | `result` | the time of a decision by a store behind a network, such as Redis |
//! | `tower_edge_rate_limit_decisions_total` | counter | count | `policy`, `result` | decisions of a store |
//! | `tower_edge_rate_limit_evictions_total` | counter | count | `policy` | keys that a `MemoryStore` evicted before their quota was full again |
//! | `tower_edge_rate_limit_near_limit_total` | counter | count | `policy` | allowed requests that left less than a tenth of the quota |
//! | `tower_edge_rate_limit_store_errors_total` | counter | count | `policy`, `result` | requests without a decision, since the store failed |
//! | `tower_edge_request_duration_seconds` | histogram | seconds | `method`, `route`, `status`, `key` | the time until the head of a response |
//! | `tower_edge_requests_in_flight` | gauge | count | | requests that wait for the head of their response |
//! | `tower_edge_timeouts_total` | counter | count | `phase`, `upstream`, `operation`, `result` | time limits that have expired |
//! | `tower_edge_upstream_duration_seconds` | histogram | seconds | `upstream`, `operation`, `status` | the time until a named upstream responded, or the wait ended |
//! | `tower_edge_version_gate_decisions_total` | counter | count | `status`, `platform`, `result` | requests by the version of their client |
//!
//! `tower-edge-redis` has [metrics of its own](https://docs.rs/tower-edge-redis/latest/tower_edge_redis/#operation).
//!
//! # Requests
//!
//! [`RequestMetricsLayer`] records `tower_edge_request_duration_seconds` and `tower_edge_requests_in_flight`. Put it
//! outermost, into the `Edge` too:
//!
//! ```
//! use http::{Request, Response};
//! use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_edge::Edge;
//! use tower_edge::metrics::RequestMetricsLayer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let buckets = [
//!     0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
//! ];
//! let prometheus = PrometheusBuilder::new()
//!     .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".into()), &buckets)?
//!     .install_recorder()?;
//!
//! let edge = Edge::new().layer(RequestMetricsLayer::new());
//! let service = ServiceBuilder::new().layer(edge).service(service_fn(async |_: Request<()>| {
//!     Ok::<_, std::convert::Infallible>(Response::new(()))
//! }));
//! service.oneshot(Request::new(())).await?;
//!
//! let count = r#"duration_seconds_count{method="GET",route="",status="2xx",key=""} 1"#;
//! assert!(prometheus.render().contains(count));
//! # Ok(())
//! # }
//! ```
//!
//! The layer calls the inner service for each request, and changes neither the request nor the response. It reads the
//! method, the route, the status, and the [`Problem`](crate::Problem) in the extensions of the response.
//!
//! The route is a [`RouteTemplate`](tower_edge_core::RouteTemplate) in the request's extensions, or with feature `axum`
//! the `MatchedPath` of the `Router` that the layer stands in by `Router::layer`. Outside of a router there is no
//! route, and the label is empty, unless [`with_routes`](RequestMetricsLayer::with_routes) names the routes. If a
//! client leaves before the head of the response, the status is `aborted`.
//!
//! The labels correspond to those of `http.server.request.duration` in OpenTelemetry's [semantic conventions]: `method`
//! to `http.request.method`, `route` to `http.route`, `status` to `http.response.status_code` and `key` to
//! `error.type`. So do the buckets of the example. Without buckets, Prometheus gets summaries.
//!
//! Install the recorder before the first request. Layers register a series when they first count it, and values before
//! the recorder are lost.
//!
//! # Labels
//!
//! | label | values |
//! |---|---|
//! | `format` | the [name](tower_edge_core::Format::name) of a format |
//! | `key` | the [key](tower_edge_core::Problem::key) of a problem; empty for a response without one |
//! | `method` | `GET`, `HEAD`, `POST`, `PUT`, `DELETE`, `CONNECT`, `OPTIONS`, `TRACE`, `PATCH` or `other` |
//! | `operation` | the operation of the layer's settings, or empty |
//! | `outcome` | `retried`, or why the attempt was the last one, such as `no_budget` |
//! | `phase` | the [phase](tower_edge_core::problem::Phase) that took too long, such as `response_head` |
//! | `platform` | the platform by its name in the policy; `other` for all that the policy does not name |
//! | `policy` | the [name](tower_edge_core::rate_limit::Quota::name) of a quota |
//! | `reason` | for a retry, such as `connect`; for an id: `byte`, `empty`, `repeated`, `too_long` or `untrusted` |
//! | `result` | `allowed`, `rejected`, `dry_run` for a decision that is not enforced, and `failed` if the store has failed; for a timeout `ended` or `dry_run` |
//! | `route` | the template of the route, such as `/media/{id}`; empty if none is known |
//! | `status` | for a problem the status, such as `404`; for a request or an upstream the class, such as `4xx`, or `error`, `timeout`, `aborted`; for a client's version a name such as `outdated` |
//! | `upstream` | the upstream of the layer's settings, or empty |
//!
//! No label has a value that a client sent. A layer has at most 1,000 series of one metric. If a route, a platform or a
//! computed quota has more names, the labels of all further series are `other`.
//!
//! [semantic conventions]: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration

mod layer;

pub use self::layer::{MeasureRequests, RequestMetricsLayer};
