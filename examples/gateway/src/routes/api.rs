use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::routing::{get, post};
use tower_edge::core::Exposure;

use super::{media, panic, private, upstream};
use crate::mcp;
use crate::prefix::Prefix;
use crate::upstream::Upstream;

/// What the handlers of one prefix share.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) exposure: Exposure,
    pub(crate) prefix: Prefix,
    pub(crate) upstream: Upstream,
    ids: Arc<AtomicU64>,
}

impl Api {
    pub(crate) fn new(prefix: Prefix, upstream: Upstream, exposure: Exposure) -> Self {
        // The upstream has the media from 1 to 100.
        Self {
            exposure,
            prefix,
            upstream,
            ids: Arc::new(AtomicU64::new(101)),
        }
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }
}

/// The routes of one prefix.
pub(crate) fn of(api: Api) -> Router {
    let router = Router::new()
        .route("/api/media", post(media::create))
        .route("/api/media/{id}", get(media::show))
        .route("/api/panic", get(panic::panic))
        .route("/api/private", get(private::private))
        .route("/api/upstream/{name}", get(upstream::forward));
    let router = match api.prefix.has_mcp() {
        true => router.route("/mcp", post(mcp::serve)),
        false => router,
    };
    router.with_state(api)
}
