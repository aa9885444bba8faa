//! What looks wrong in how limits are set up, told once each in debug builds.

use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use http::Extensions;

use super::layer::Setup;
use crate::log_limits;

/// A layer was built.
pub(super) fn layer_built() {
    static LAYERS: AtomicUsize = AtomicUsize::new(0);

    if cfg!(debug_assertions) && LAYERS.fetch_add(1, Ordering::Relaxed) == MANY_LAYERS {
        log_limits::suspicious(
            "many rate limits were built: one that is built per request counts nothing; build it once, and clone it",
        );
    }
}

/// A request has come to a layer.
pub(super) fn request_came<St>(setup: &Arc<Setup<St>>, extensions: &mut Extensions) {
    static TWICE: Once = Once::new();

    if !cfg!(debug_assertions) || !log_limits::listens() {
        return;
    }
    let here = Came(Arc::as_ptr(setup).addr());
    if extensions.insert(here) == Some(here) {
        TWICE.call_once(|| {
            log_limits::suspicious(
                "a request came to the same rate limit twice, and was charged twice: mount the layer once",
            );
        });
    }
}

/// An address was needed, and no proxy is trusted to name another than the peer's.
pub(super) fn nobody_is_trusted(is_forwarded: impl FnOnce() -> bool) {
    static UNTRUSTED: Once = Once::new();

    if cfg!(debug_assertions) && log_limits::listens() && is_forwarded() {
        UNTRUSTED.call_once(|| {
            log_limits::suspicious(
                "requests come with forwarded addresses, and no proxy is trusted: behind a proxy all clients count as one",
            );
        });
    }
}

/// The layer that a request came to last, by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Came(usize);

const MANY_LAYERS: usize = 1000;
