//! What all clones of a service share, and what looks wrong in it, logged once each in debug builds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use http::Extensions;

use super::Allowance;
use super::account::Account;
use super::live_limits::Source;
use crate::telemetry::rate_limit::{is_warn_enabled, warn_misconfiguration};

/// What all clones of a service share.
#[derive(Clone, Debug)]
pub(super) struct Setup<St> {
    pub(super) allowance: Option<MakeAllowance<St>>,
    pub(super) source: Source,
    pub(super) store: St,
}

/// How the handler's [`Allowance`] is made.
pub(super) type MakeAllowance<St> = fn(Arc<Account<St>>, Option<Allowance>) -> Allowance;

/// A layer was built.
pub(super) fn layer_built() {
    static LAYERS: AtomicUsize = AtomicUsize::new(0);

    if cfg!(debug_assertions) && LAYERS.fetch_add(1, Ordering::Relaxed) == MANY_LAYERS {
        warn_misconfiguration(
            "many rate limits were built: one that is built per request counts nothing; build it once, and clone it",
        );
    }
}

/// A request has come to a layer.
pub(super) fn request_came<St>(setup: &Arc<Setup<St>>, extensions: &mut Extensions) {
    static TWICE: Once = Once::new();

    if !cfg!(debug_assertions) || !is_warn_enabled() {
        return;
    }
    let here = Arc::as_ptr(setup).addr();
    let Came(layers) = extensions.get_or_insert_default();
    if layers.contains(&here) {
        TWICE.call_once(|| {
            warn_misconfiguration(
                "a request came to the same rate limit twice, and was charged twice: mount the layer once",
            );
        });
    }
    layers.push(here);
}

/// An address was needed, and no proxy is trusted to name another than the peer's.
pub(super) fn nobody_is_trusted(is_forwarded: impl FnOnce() -> bool) {
    static UNTRUSTED: Once = Once::new();

    if cfg!(debug_assertions) && is_warn_enabled() && is_forwarded() {
        UNTRUSTED.call_once(|| {
            warn_misconfiguration(
                "requests come with forwarded addresses, and no proxy is trusted: behind a proxy all clients count as one",
            );
        });
    }
}

/// The layers that a request came to, by their addresses.
#[derive(Clone, Debug, Default)]
struct Came(Vec<usize>);

const MANY_LAYERS: usize = 1000;
