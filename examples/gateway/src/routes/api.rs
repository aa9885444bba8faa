use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tower_edge::problem::Exposure;

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
