//! The stack: what is between the network and the handlers.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{HeaderName, Request, Response};
use hyper::body::Incoming;
use tower::{Service, ServiceBuilder};
use tower_edge::correlation_id::{CorrelationIdLayer, InContext};
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer};
use tower_edge::problem::Exposure;
use tower_edge::server::access_log::AccessLogBody;
use tower_edge::server::drain::DrainRequestBodyLayer;
use tower_edge::server::{AccessLogLayer, ValidRequestLayer};
use tower_edge::version_gate::SupportedVersionsLayer;
use tower_edge::{BoxError, ResponseBody};

use crate::cors::CorsLayer;
use crate::flags::Flags;
use crate::gates::Gates;
use crate::json_body::MAX_BODY;
use crate::mcp;
use crate::prefix::{Prefix, format_of};
use crate::routes;
use crate::routes::Api;
use crate::upstream::Upstream;

/// The body of each response.
type EdgeBody = InContext<AccessLogBody<ResponseBody<Body>>>;

/// Everything, outermost first: what is left of a body is read, the id is on every answer, errors and preflights carry CORS fields,
/// and the envelope sees every problem. What differs by prefix is mounted with the prefix.
///
/// # Errors
///
/// When the flags ask for limits that cannot stand together, or that cannot be counted.
pub(crate) fn full(
    flags: &Flags,
    upstream: &Upstream,
) -> Result<
    impl Service<Request<Incoming>, Response = Response<EdgeBody>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static,
    BoxError,
> {
    let gates = Gates::new(flags)?;
    let mcp_versions = HeaderName::from_static("mcp-protocol-version");
    let mcp_versions = SupportedVersionsLayer::new(mcp_versions, mcp::VERSIONS)?;
    let mut router = outside();
    for prefix in Prefix::ALL {
        let routes = routes::of(api(flags, upstream, prefix), Some(&mcp_versions));
        router = gates.mount(router, prefix, routes);
    }
    let stack = ServiceBuilder::new()
        .layer(DrainRequestBodyLayer::new().with_max_bytes(MAX_DRAIN))
        .layer(CorrelationIdLayer::new())
        .layer(AccessLogLayer::new())
        .layer(CorsLayer)
        .layer(JsonRpcIdLayer::new(MAX_BODY))
        .layer(EnvelopeLayer::select(format_of).with_exposure(exposure(flags)))
        .layer(ValidRequestLayer::new())
        .service(router);
    Ok(stack)
}

/// The routes within the same server, to measure the layers against.
pub(crate) fn bare(
    flags: &Flags,
    upstream: &Upstream,
) -> impl Service<
    Request<Incoming>,
    Response = Response<AccessLogBody<Body>>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ 'static {
    let router = Prefix::ALL.into_iter().fold(outside(), |router, prefix| {
        router.nest_service(
            prefix.path(),
            routes::of(api(flags, upstream, prefix), None),
        )
    });
    ServiceBuilder::new()
        .layer(DrainRequestBodyLayer::new().with_max_bytes(MAX_DRAIN))
        .layer(AccessLogLayer::new())
        .layer(ValidRequestLayer::new())
        .service(router)
}

/// What is served under no prefix, ungated.
fn outside() -> Router {
    Router::new().route("/healthz", get(|| async { "ok" }))
}

fn api(flags: &Flags, upstream: &Upstream, prefix: Prefix) -> Api {
    Api::new(prefix, upstream.clone(), exposure(flags))
}

fn exposure(flags: &Flags) -> Exposure {
    if flags.development {
        Exposure::Development
    } else {
        Exposure::Production
    }
}

/// How much of a body that nobody wants is read, so that the connection can be kept.
const MAX_DRAIN: u64 = 4 * 1024 * 1024;
