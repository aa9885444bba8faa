use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONNECTION, UPGRADE, VARY};
use http::{HeaderMap, HeaderValue};
use tower_edge_core::problem::{Facts, VersionFacts};
use tower_edge_core::{Kind, Problem};

use super::Verdict;
use super::policy::{Bound, Fields, RulesFor};

/// What a client that is turned away is told.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) fields: RefusalFields,
    pub(super) problem: Problem,
}

/// The fields of a refusal.
#[derive(Debug)]
pub(super) struct RefusalFields {
    pub(super) upgrade: Option<HeaderValue>,
    pub(super) vary: Option<Arc<HeaderValue>>,
}

impl RefusalFields {
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        // The next client may be one that is served.
        headers.insert(CACHE_CONTROL, NO_STORE);
        if let Some(vary) = &self.vary {
            headers.insert(VARY, HeaderValue::clone(vary));
        }
        if let Some(upgrade) = &self.upgrade {
            headers.insert(CONNECTION, CONNECTION_UPGRADE);
            headers.insert(UPGRADE, upgrade.clone());
        }
    }
}

const CONNECTION_UPGRADE: HeaderValue = HeaderValue::from_static("upgrade");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Of a client whose version is none of those that are served. Its text is a version, and so may be
/// repeated.
#[cold]
pub(super) fn compared<V>(
    verdict: Verdict,
    client: &str,
    bound: &Bound<V>,
    rule: &RulesFor<V>,
) -> Problem {
    let is_too_new = verdict == Verdict::TooNew;
    let minimum = if is_too_new { rule.minimum() } else { bound };
    let mut facts = VersionFacts::new(client, minimum.text.clone());
    facts.server.clone_from(&rule.server);
    facts.update_url.clone_from(&rule.update_url);
    if !is_too_new {
        return Problem::new(Kind::VersionOutdated).with_facts(Facts::Version(facts));
    }
    let facts = facts.with_maximum(bound.text.clone());
    Problem::new(Kind::VersionTooNew)
        .with_facts(Facts::Version(facts))
        .with_detail("max_version", bound.text.to_string())
}

/// Of a client whose version is not known. What it sent is not echoed, since it is not a version.
#[cold]
pub(super) fn uncertain(verdict: Verdict) -> Problem {
    match verdict {
        Verdict::Missing => {
            Problem::new(Kind::VersionMalformed).with_message("Client version is required")
        }
        Verdict::UnknownPlatform => {
            Problem::new(Kind::VersionOutdated).with_message("Client platform is not supported")
        }
        _ => Problem::new(Kind::VersionMalformed)
            .with_message("Client version has an invalid format"),
    }
}

/// What a client that is served is told besides.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) fields: Arc<Fields>,
    pub(super) vary: Option<Arc<HeaderValue>>,
}

impl Notice {
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        self.fields.write(self.vary.as_deref(), headers);
    }
}
