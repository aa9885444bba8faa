//! Likely mistakes in how limits are set up. Each is logged once, with its remedy, in release builds too.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use http::Extensions;
use tower_edge_core::BoxError;
use tower_edge_core::rate_limit::{KeyHash, Quota, QuotaRequest};

use super::Limits;
use super::limits::Requests;
use crate::telemetry::rate_limit::{is_error_enabled, misconfigured, suspicious};

/// Logs a mistake, once.
pub(super) fn report(once: &Once, mistake: &str) {
    if !once.is_completed() && is_error_enabled() {
        once.call_once(|| misconfigured(mistake));
    }
}

/// Logs a possible mistake once, as a warning, since it may be intended, or a client may cause it. Nothing is checked
/// if no subscriber receives the warning.
pub(super) fn report_if(once: &Once, mistake: &str, is_made: impl FnOnce() -> bool) {
    if !once.is_completed() && is_error_enabled() && is_made() {
        once.call_once(|| suspicious(mistake));
    }
}

/// A quota got another name.
pub(super) fn duplicate_name(name: &str) {
    static DUPLICATE: Once = Once::new();

    let mistake = format!(
        "two limits of a layer have the quota name {name:?}, so the second one's got a number: name it with `Quota::named`"
    );
    report(&DUPLICATE, &mistake);
}

/// A limit selects routes, and this request has none.
pub(super) fn no_route(has_route: &AtomicBool) {
    static NO_ROUTE: Once = Once::new();

    if !NO_ROUTE.is_completed() && !has_route.load(Ordering::Relaxed) {
        report(
            &NO_ROUTE,
            "a limit selects routes, and the request has no matched path where the layer stands, so it is not limited: \
             put the layer inside of the `Router`, or select by `Limit::with_paths`",
        );
    }
}

/// A request has no key for a limit that none had a key for before.
#[cold]
pub(super) fn no_key(keyless: &AtomicU32, extension: impl FnOnce() -> Option<&'static str>) {
    static NO_EXTENSION: Once = Once::new();

    if keyless.load(Ordering::Relaxed) < WATCHED_FOR_EXTENSIONS
        && let Some(extension) = extension()
        && keyless.fetch_add(1, Ordering::Relaxed) + 1 == WATCHED_FOR_EXTENSIONS
    {
        let mistake = format!(
            "requests have no extension {extension:?}, so a limit by it does not count them: put the layer that inserts \
             it outside of the rate limit, or call `required`"
        );
        report_if(&NO_EXTENSION, &mistake, || true);
    }
}

/// A store has failed, and the request is allowed.
pub(super) fn failed_open(error: &BoxError) {
    static FAILED: Once = Once::new();

    if !FAILED.is_completed() {
        let mistake = format!(
            "a store fails, and requests pass without its limits (alert on \
             `tower_edge_rate_limit_store_errors_total`): {error}"
        );
        report_if(&FAILED, &mistake, || true);
    }
}

/// A layer was built.
pub(super) fn layer_is_built() {
    static LAYERS: AtomicUsize = AtomicUsize::new(0);
    static PER_REQUEST: Once = Once::new();

    if LAYERS.fetch_add(1, Ordering::Relaxed) >= MANY_LAYERS {
        report(
            &PER_REQUEST,
            "a thousand rate limits were built; a layer that is built for each request counts nothing: build it once, and \
             clone it",
        );
    }
}

/// A request that is not exempt passes a layer with these limits. The first ones are watched.
#[inline(always)]
pub(super) fn request_passes(limits: &Limits, requests: &Requests, extensions: &mut Extensions) {
    if limits.inner.passed.load(Ordering::Relaxed) <= WATCHED && is_error_enabled() {
        watch(limits, requests, extensions);
    }
}

#[cold]
fn watch(limits: &Limits, requests: &Requests, extensions: &mut Extensions) {
    static UNMET: Once = Once::new();

    let passed = limits.inner.passed.fetch_add(1, Ordering::Relaxed);
    if passed < WATCHED_FOR_DUPLICATES {
        find_duplicates(requests, extensions);
    }
    if passed == WATCHED && !UNMET.is_completed() {
        let unmet = limits.iter().filter(|limit| !limit.is_met());
        let unmet = unmet.map(|limit| limit.quotas().next().map_or("computed", Quota::name));
        let unmet: Vec<_> = unmet.collect();
        let mistake = format!(
            "no request met the limits {unmet:?} among the first {WATCHED} that passed the layer: check their keys, \
             methods, paths and conditions, unless such requests are rare"
        );
        report_if(&UNMET, &mistake, || !unmet.is_empty());
    }
}

/// A key that is charged twice for one request, by two layers with one store.
fn find_duplicates(requests: &Requests, extensions: &mut Extensions) {
    static TWICE: Once = Once::new();

    let Charged(charged) = extensions.get_or_insert_default();
    for QuotaRequest { quota, key, .. } in &requests.quotas {
        if charged.contains(&(quota.id(), *key)) {
            let mistake = format!(
                "a request was charged twice to the quota {:?}, by two layers with one store: mount the layer once, or \
                 name the quotas apart",
                quota.name()
            );
            report(&TWICE, &mistake);
        }
        charged.push((quota.id(), *key));
    }
}

/// The quotas that a request was charged to.
#[derive(Clone, Debug, Default)]
struct Charged(Vec<(u64, KeyHash)>);

const MANY_LAYERS: usize = 1000;
const WATCHED: u32 = 1000;
const WATCHED_FOR_DUPLICATES: u32 = 64;
const WATCHED_FOR_EXTENSIONS: u32 = 16;
