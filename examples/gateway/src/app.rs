//! The stack: all layers between the network and the handlers, and the prefixes that the API is mounted under.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use tower::{Layer, ServiceBuilder};
use tower_edge::correlation_id::CorrelationIdLayer;
use tower_edge::envelope::format::RpcErrorStyle;
use tower_edge::envelope::{EnvelopeLayer, JsonRpcIdLayer};
use tower_edge::metrics::RequestMetricsLayer;
use tower_edge::rate_limit::headers::HeaderStyle;
use tower_edge::rate_limit::{MemoryStore, RateLimitLayer, Store};
use tower_edge::server::{AccessLogLayer, DrainRequestBodyLayer, HttpService, ValidRequestLayer};
use tower_edge::timeout::RequestBodyTimeoutLayer;
use tower_edge::version_gate::VersionGateLayer;
use tower_edge::{BoxError, Edge};
use tower_http::catch_panic::CatchPanicLayer;

use crate::cors::Cors;
use crate::flags::Flags;
use crate::formats::formats;
use crate::policies;
use crate::reference;
use crate::routes::{Api, ROUTES, panicked};
use crate::upstream::Upstream;

/// All layers, outermost first. The envelope writes every error; CORS and the id stand outside of it, so that errors have
/// them. It fails when the flags ask for limits that cannot stand together.
pub(crate) fn full(flags: &Flags, upstream: &Upstream) -> Result<impl HttpService, BoxError> {
    let router = match &flags.redis {
        Some(url) => gated(flags, upstream, &policies::redis_store(url, flags)?)?,
        None => gated(flags, upstream, &MemoryStore::new(policies::SLOTS))?,
    };
    Ok(ServiceBuilder::new()
        .layer(RequestMetricsLayer::new().with_routes(ROUTES))
        .layer(DrainRequestBodyLayer::new().with_max_bytes(MAX_DRAIN))
        .layer(CorrelationIdLayer::new())
        .layer(AccessLogLayer::new())
        .layer_fn(Cors)
        .layer(JsonRpcIdLayer::new(MAX_BODY))
        .layer(EnvelopeLayer::select(formats()).with_exposure(flags.exposure()))
        .layer(ValidRequestLayer::new())
        .service(router))
}

/// The API behind the gates of each prefix. The limits count over all prefixes together.
fn gated<St: Store>(flags: &Flags, upstream: &Upstream, store: &St) -> Result<Router, BoxError> {
    let limits = policies::limits(flags)?;
    let limit = |style| {
        let limits = limits.clone().with_header_style(style);
        RateLimitLayer::new(limits).with_store(store.clone())
    };
    let versions = Edge::new().layer(VersionGateLayer::new(flags.min_version.clone()));
    let staged_versions = Edge::new().layer(policies::staged_versions(flags)?);
    let mcp_versions = policies::mcp_versions()?;
    let ietf = HeaderStyle::IETF.with_single_quota();
    let most = versions.clone().layer(limit(HeaderStyle::X_RATE_LIMIT));
    let plexichat = staged_versions.layer(limit(HeaderStyle::X_RATE_LIMIT));
    let problem = versions.clone().layer(limit(ietf));
    // A batch is charged for each of its requests, once it is read.
    let mcp = versions.layer(limit(HeaderStyle::X_RATE_LIMIT).with_handle());

    let mut router = ungated().merge(reference::router());
    for (prefix, api) in apis(flags, upstream) {
        let routes = limited_bodies(api.router(Some(&mcp_versions)));
        // Inside of the limit, so that the response to a panic has the limit's fields too.
        let routes = CatchPanicLayer::custom(panicked).layer(routes);
        router = match prefix {
            "/plexichat" => router.nest_service(prefix, plexichat.service(routes)),
            "/problem" => router.nest_service(prefix, problem.service(routes)),
            "/ads" | "/routermcp" => router.nest_service(prefix, mcp.service(routes)),
            "/medianest" | "/plexmcp" => router.nest_service(prefix, most.service(routes)),
            _ => return Err(format!("no gate for {prefix}").into()),
        };
    }
    Ok(router)
}

/// The routes within the same server, to measure the layers against.
pub(crate) fn bare(flags: &Flags, upstream: &Upstream) -> impl HttpService {
    let apis = apis(flags, upstream).into_iter();
    let router = apis.fold(ungated(), |router, (prefix, api)| {
        router.nest_service(prefix, limited_bodies(api.router(None)))
    });
    ServiceBuilder::new()
        .layer(DrainRequestBodyLayer::new().with_max_bytes(MAX_DRAIN))
        .layer(AccessLogLayer::new())
        .layer(ValidRequestLayer::new())
        .service(router)
}

/// The API of each prefix. They differ in what a response has beside errors.
fn apis(flags: &Flags, upstream: &Upstream) -> [(&'static str, Api); 6] {
    let api = || Api::new(upstream.clone(), flags.exposure());
    [
        ("/ads", api().with_mcp(RpcErrorStyle::ToolResult)),
        ("/medianest", api().with_wrapped_data()),
        ("/plexichat", api()),
        ("/plexmcp", api()),
        ("/problem", api()),
        ("/routermcp", api().with_mcp(RpcErrorStyle::JsonRpc)),
    ]
}

fn limited_bodies(routes: Router) -> Router {
    routes
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIME).with_total(BODY_TIME))
}

fn ungated() -> Router {
    Router::new().route("/healthz", get("ok"))
}

const BODY_TIME: Duration = Duration::from_secs(10);
const MAX_BODY: usize = 64 * 1024;
/// How much of a body that nobody wants is read, so that the connection can be kept.
const MAX_DRAIN: u64 = 4 * 1024 * 1024;
