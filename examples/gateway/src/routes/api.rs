use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde::Serialize;
use tower_edge::axum::Json;
use tower_edge::envelope::format::RpcErrorStyle;
use tower_edge::problem::Exposure;
use tower_edge::version_gate::SupportedVersionsLayer;

use super::{handlers, media};
use crate::mcp;
use crate::upstream::Upstream;

/// The API of one prefix, which its handlers share.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) exposure: Exposure,
    /// How tools fail; `None` without MCP.
    pub(crate) mcp: Option<RpcErrorStyle>,
    pub(crate) upstream: Upstream,
    ids: Arc<AtomicU64>,
    wraps_data: bool,
}

impl Api {
    pub(crate) fn new(upstream: Upstream, exposure: Exposure) -> Self {
        Self {
            exposure,
            mcp: None,
            upstream,
            // The upstream has the media from 1 to 100.
            ids: Arc::new(AtomicU64::new(101)),
            wraps_data: false,
        }
    }

    /// Serves MCP too, whose tools fail in this way.
    pub(crate) fn with_mcp(mut self, style: RpcErrorStyle) -> Self {
        self.mcp = Some(style);
        self
    }

    /// Responds with `{"success": true, "data": …}` in place of the data alone.
    pub(crate) fn with_wrapped_data(mut self) -> Self {
        self.wraps_data = true;
        self
    }

    /// The routes. `mcp_versions` is around those of MCP.
    pub(crate) fn router(self, mcp_versions: Option<&SupportedVersionsLayer>) -> Router {
        let router = Router::new()
            .route("/api/media", post(media::create))
            .route("/api/media/{id}", get(media::show))
            .route("/api/panic", get(handlers::panic))
            .route("/api/private", get(handlers::private))
            .route("/api/upstream/{name}", get(handlers::upstream));
        if self.mcp.is_none() {
            return router.with_state(self);
        }
        let mcp = match mcp_versions {
            Some(versions) => post(mcp::serve).route_layer(versions.clone()),
            None => post(mcp::serve),
        };
        let router = router.route("/mcp", mcp.clone()).route("/mcp/", mcp);
        router.with_state(self)
    }

    pub(super) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// A success with this data.
    pub(super) fn success(&self, status: StatusCode, data: impl Serialize) -> Response {
        let success = true;
        match self.wraps_data {
            true => (status, Json(Wrapped { success, data })).into_response(),
            false => (status, Json(data)).into_response(),
        }
    }
}

#[derive(Serialize)]
struct Wrapped<T> {
    success: bool,
    data: T,
}

/// The routes under all prefixes, for metrics.
pub(crate) const ROUTES: [&str; 8] = [
    "/healthz",
    "/{prefix}/api/media",
    "/{prefix}/api/media/{id}",
    "/{prefix}/api/panic",
    "/{prefix}/api/private",
    "/{prefix}/api/upstream/{name}",
    "/{prefix}/mcp",
    "/{prefix}/mcp/",
];
