//! What looks wrong in how a layer is set up, logged once each in debug builds.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use http::Extensions;

use super::Allowance;
use super::account::Account;
use crate::telemetry::rate_limit::{is_warn_enabled, warn_misconfiguration};

/// How the handler's [`Allowance`] is made.
pub(super) type MakeAllowance<St> = fn(Arc<Account<St>>, Option<Allowance>) -> Allowance;

/// The number of a layer, which its clones share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LayerId(usize);

impl LayerId {
    /// A layer was built.
    pub(super) fn new() -> Self {
        static LAYERS: AtomicUsize = AtomicUsize::new(0);

        let number = LAYERS.fetch_add(1, Ordering::Relaxed);
        if cfg!(debug_assertions) && number == MANY_LAYERS {
            warn_misconfiguration(
                "many rate limits were built: one that is built per request counts nothing; build it once, and clone it",
            );
        }
        Self(number)
    }
}

/// A request has come to a layer.
#[inline(always)]
pub(super) fn request_came(layer: LayerId, extensions: &mut Extensions) {
    static TWICE: Once = Once::new();

    if !cfg!(debug_assertions) || !is_warn_enabled() {
        return;
    }
    let Came(layers) = extensions.get_or_insert_default();
    if layers.contains(&layer) {
        TWICE.call_once(|| {
            warn_misconfiguration(
                "a request came to the same rate limit twice, and was charged twice: mount the layer once",
            );
        });
    }
    layers.push(layer);
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

/// The layers that a request came to.
#[derive(Clone, Debug, Default)]
struct Came(Vec<LayerId>);

const MANY_LAYERS: usize = 1000;
