use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::response::Parts;
use http::{Extensions, HeaderValue, StatusCode, Version as HttpVersion};
use tower_edge_core::http_ext::{FieldNames, is_preflight};
use tower_edge_core::problem::VersionFacts;
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{Head, Kind, Problem};

use super::policy::{self, Bound, Current, Fields, Rules, RulesFor};
use super::refusal::{Notice, Refusal, RefusalFields};
use super::{
    Claim, ClientVersion, Header, Judgement, RefusalStatus, Source, Verdict, Version, refusal,
};
use crate::driver::{Decision, Gate, RequestHead, Sealed, WriteHead};
use crate::telemetry;

/// The gate of a [`VersionGateLayer`](super::VersionGateLayer).
#[derive(Clone)]
pub struct VersionGate<V> {
    pub(super) clock: fn() -> SystemTime,
    pub(super) current: Current<V>,
    pub(super) exempt: Vec<Arc<Predicate>>,
    pub(super) hook: Option<Arc<Hook>>,
    pub(super) minimum_by: Option<Arc<MinimumBy<V>>>,
    pub(super) remember: Option<fn(&mut Extensions, ClientVersion<V>)>,
    pub(super) source: AnySource,
    pub(super) status: RefusalStatus,
    pub(super) vary: Option<Arc<HeaderValue>>,
}

pub(super) type Hook = dyn Fn(&Judgement<'_>) + Send + Sync;
type MinimumBy<V> = dyn Fn(Head<'_>) -> Option<V> + Send + Sync;
pub(super) type Predicate = dyn Fn(Head<'_>) -> bool + Send + Sync;

/// Where the version is looked for. Header fields are what nearly all gates look at.
#[derive(Clone)]
pub(super) enum AnySource {
    Header(Header),
    Other(Arc<dyn Source + Send + Sync>),
}

impl<V: Version> VersionGate<V> {
    /// What is added to the answer, if the request is to be served.
    pub(super) fn admit(
        &self,
        head: Head<'_>,
        remembered: Option<&mut Option<ClientVersion<V>>>,
    ) -> Result<Option<Notice>, Refusal> {
        match &self.current {
            Current::Fixed(rules) => self.admit_by(rules, head, remembered),
            Current::Shared(handle) => self.admit_by(&handle.rules(), head, remembered),
        }
    }

    fn admit_by(
        &self,
        rules: &Rules<V>,
        head: Head<'_>,
        remembered: Option<&mut Option<ClientVersion<V>>>,
    ) -> Result<Option<Notice>, Refusal> {
        let claim = match &self.source {
            AnySource::Header(header) => header.find(head),
            AnySource::Other(source) => source.find(head),
        };
        let (platform, text) = match claim {
            Claim::Client { platform, version } => (platform, version),
            Claim::Absent => return self.uncertain(Verdict::Missing, rules, head),
            Claim::Malformed => return self.uncertain(Verdict::Malformed, rules, head),
        };
        let Some((platform, rule)) = rules.of_platform(platform.as_deref()) else {
            return self.uncertain(Verdict::UnknownPlatform, rules, head);
        };
        let client = if text.len() <= MAX_VERSION {
            rules.scheme().parse(&text)
        } else {
            None
        };
        let Some(client) = client else {
            return self.uncertain(Verdict::Malformed, rules, head);
        };
        let notice = if rule.is_plainly_served(&client) && self.minimum_by.is_none() {
            None
        } else {
            let named = Named {
                client: &client,
                platform: platform.map(|platform| &**platform),
                text: &text,
            };
            self.decide(rules, rule, &named, head)?
        };
        if let Some(remembered) = remembered {
            *remembered = Some(ClientVersion::new(client, platform.cloned()));
        }
        Ok(notice)
    }

    #[cold]
    fn decide(
        &self,
        rules: &Rules<V>,
        rule: &RulesFor<V>,
        named: &Named<'_, V>,
        head: Head<'_>,
    ) -> Result<Option<Notice>, Refusal> {
        if self.is_exempt(head) {
            return Ok(None);
        }
        let enforces = |enforcement| rules.policy().enforces(enforcement, head);
        let standing = rule.judge(named.client, self.clock, enforces);
        let own = self.minimum_by.as_ref().and_then(|by| by(head));
        let own = own.and_then(|own| rules.scheme().rank(&own));
        // The higher of two minimums is told, or a client would have to update twice.
        let is_stricter = |own: &V| {
            let is_against = standing.counts && standing.verdict.is_against();
            *named.client < *own && (!is_against || *own > standing.bound.version)
        };
        let stricter = own.filter(is_stricter).map(|own| rule.bound(own));
        let (verdict, counts, told) = match &stricter {
            Some(own) => (Verdict::Outdated, true, &policy::Told::Own(&own.version)),
            None => (standing.verdict, standing.counts, &standing.told),
        };
        let is_refused = counts && verdict.is_against() && rules.enforces(head);
        if verdict != Verdict::Current {
            self.tell(&Judgement {
                client: Some(named.text),
                is_refused,
                platform: named.platform,
                verdict,
            });
        }
        if is_refused {
            let bound = stricter.as_ref().unwrap_or(standing.bound);
            Err(self.refused(
                refusal::compared(verdict, named.text, bound, rule),
                bound,
                head,
            ))
        } else {
            Ok(self.notice(rule.added(told, Some(named.client))))
        }
    }

    /// Of a request that does not say which version its client has, as far as anybody can tell.
    #[cold]
    fn uncertain(
        &self,
        verdict: Verdict,
        rules: &Rules<V>,
        head: Head<'_>,
    ) -> Result<Option<Notice>, Refusal> {
        if self.is_exempt(head) {
            return Ok(None);
        }
        let is_refused = rules.refuses(verdict) && rules.enforces(head);
        self.tell(&Judgement {
            client: None,
            is_refused,
            platform: None,
            verdict,
        });
        let rule = rules.everybody();
        if is_refused {
            Err(self.refused(refusal::uncertain(verdict), rule.minimum(), head))
        } else {
            Ok(self.notice(rule.added(&policy::Told::Nothing, None)))
        }
    }

    fn is_exempt(&self, head: Head<'_>) -> bool {
        is_preflight(head) || self.exempt.iter().any(|is_exempt| is_exempt(head))
    }

    fn notice(&self, fields: Option<Arc<Fields>>) -> Option<Notice> {
        fields.map(|fields| Notice {
            fields,
            vary: self.vary.clone(),
        })
    }

    /// A 426 has to have an `Upgrade`, which HTTP/2 forbids and HTTP/1.0 does not know
    /// ([RFC 9110, section 7.8](https://www.rfc-editor.org/rfc/rfc9110#section-7.8),
    /// [RFC 9113, section 8.2.2](https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2)).
    fn refused(&self, problem: Problem, bound: &Bound<V>, head: Head<'_>) -> Refusal {
        // The kind's own status is left to the format, which may have another for it.
        let is_outdated = problem.kind() == Kind::VersionOutdated;
        let problem = if is_outdated && self.status != RefusalStatus::UPGRADE_REQUIRED {
            problem.with_status(self.status.get())
        } else {
            problem
        };
        let is_426 = problem.status() == StatusCode::UPGRADE_REQUIRED;
        let is_due = is_426 && head.version == HttpVersion::HTTP_11;
        Refusal {
            fields: RefusalFields {
                upgrade: is_due.then(|| bound.upgrade.clone()),
                vary: self.vary.clone(),
            },
            problem,
        }
    }

    fn tell(&self, judgement: &Judgement<'_>) {
        telemetry::version_gate::record_judgement(judgement);
        if let Some(hook) = &self.hook {
            hook(judgement);
        }
    }
}

impl<V> Sealed for VersionGate<V> {}

impl<V: Version> Gate for VersionGate<V> {
    type State = AddedFields;
    type Pending = Never<()>;
    type Timer = ();

    fn add_field_names(&self, names: &mut FieldNames) {
        let fields = match &self.source {
            AnySource::Header(header) => header.fields(),
            AnySource::Other(source) => source.fields(),
        };
        fields.iter().for_each(|name| names.add(name));
    }

    #[inline(always)]
    fn decide(
        &self,
        added: &mut AddedFields,
        request: &mut RequestHead<'_>,
    ) -> Decision<Never<()>> {
        let mut client = None;
        let remembered = self.remember.map(|_| &mut client);
        match self.admit(request.head(), remembered) {
            Ok(None) => {}
            Ok(Some(notice)) => added.0 = Some(Added::Notice(notice)),
            Err(refusal) => {
                added.0 = Some(Added::Refusal(refusal.fields));
                return Decision::Reject(refusal.problem);
            }
        }
        if let (Some(remember), Some(client)) = (self.remember, client) {
            remember(request.extensions, client);
        }
        Decision::Admit
    }
}

impl<V: Version> WriteHead for VersionGate<V> {
    #[inline(always)]
    fn write_head(&self, added: &mut AddedFields, head: &mut Parts, _: Option<&mut Problem>) {
        match &added.0 {
            None => {}
            Some(Added::Notice(notice)) => notice.write(&mut head.headers),
            Some(Added::Refusal(fields)) => fields.write(&mut head.headers),
        }
    }
}

/// The fields that the response to a request is given.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub struct AddedFields(Option<Added>);

#[derive(Debug)]
enum Added {
    Notice(Notice),
    Refusal(RefusalFields),
}

/// A client whose version is one.
struct Named<'a, V> {
    client: &'a V,
    platform: Option<&'a str>,
    text: &'a str,
}

impl<V: fmt::Debug> fmt::Debug for VersionGate<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gate = f.debug_struct("VersionGate");
        match &self.current {
            Current::Fixed(rules) => gate.field("policy", rules.policy()),
            Current::Shared(handle) => gate.field("policy", handle),
        };
        gate.field("status", &self.status)
            .field("vary", &self.vary)
            .finish_non_exhaustive()
    }
}

/// Longer than any version that a client has reason to send.
const MAX_VERSION: usize = VersionFacts::MAX_CLIENT;

#[cfg(test)]
mod tests;
