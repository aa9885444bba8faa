use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::{CACHE_CONTROL, CONNECTION, LINK, UPGRADE, VARY};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Version as HttpVersion};
use tower_edge_core::http_ext::{FieldNames, is_preflight};
use tower_edge_core::problem::{Facts, VersionFacts};
use tower_edge_core::rate_limit::Never;
use tower_edge_core::{Head, Kind, Problem};

use super::extract::{ExtractedVersion, VersionExtractor};
use super::policy::{CompiledPolicy, CompiledRule, Threshold};
use super::{ClientStatus, ClientVersion, GateEvent, Version, VersionPolicy};
use crate::driver::{Decision, Gate, RequestHead, Sealed, WriteHead};
use crate::telemetry;
use crate::telemetry::count::{GateDecisions, Series};

/// The gate of a [`VersionGateLayer`](super::VersionGateLayer).
#[derive(Clone)]
pub struct VersionGate<V> {
    pub(super) adds_client_version: bool,
    pub(super) clock: fn() -> SystemTime,
    pub(super) counted: Series<GateDecisions>,
    pub(super) exempt: Vec<Arc<Predicate>>,
    pub(super) extractor: Arc<dyn VersionExtractor + Send + Sync>,
    pub(super) hook: Option<Arc<Hook>>,
    pub(super) policy: VersionPolicy<V>,
    /// The policy of one request, in place of the other.
    pub(super) policy_by: Option<Arc<PolicyBy<V>>>,
    pub(super) vary: Option<HeaderValue>,
}

type Hook = dyn Fn(&GateEvent<'_>) + Send + Sync;
type PolicyBy<V> = dyn Fn(Head<'_>) -> Option<VersionPolicy<V>> + Send + Sync;
type Predicate = dyn Fn(Head<'_>) -> bool + Send + Sync;

/// A client's version, in the client's notation too, and the rule for it.
type Client<'a, V> = (&'a CompiledRule<V>, V, Cow<'a, str>);

impl<V: Version> VersionGate<V> {
    /// Decides on a request, and on the fields of its response.
    #[inline(always)]
    fn admit(
        &self,
        added: &mut AddedFields,
        head: Head<'_>,
    ) -> Result<Option<ClientVersion<V>>, Problem> {
        let policy_by = self.policy_by.as_ref();
        let own = policy_by.and_then(|policy_by| policy_by(head));
        let VersionPolicy(policy) = own.as_ref().unwrap_or(&self.policy);
        let client = self.client(policy, head);
        let is_plain = matches!(&client, Ok((rule, client, _)) if rule.is_plainly_current(client));
        match &client {
            Ok((rule, ..)) if is_plain => self.count(rule, ClientStatus::Current, "allowed"),
            _ => self.compare(added, policy, client.as_ref(), head)?,
        }
        let client = client.ok().filter(|_| self.adds_client_version);
        Ok(client.map(|(rule, client, _)| ClientVersion::new(client, rule.platform.clone())))
    }

    #[inline(always)]
    fn count(&self, rule: &CompiledRule<V>, status: ClientStatus, result: &'static str) {
        let platform = rule.platform.as_deref();
        telemetry::version_gate::count(&self.counted, status, platform, result);
    }

    #[inline(always)]
    fn client<'a>(
        &'a self,
        policy: &'a CompiledPolicy<V>,
        head: Head<'a>,
    ) -> Result<Client<'a, V>, ClientStatus> {
        let (version, platform) = match self.extractor.extract(head) {
            ExtractedVersion::Missing => return Err(ClientStatus::Missing),
            ExtractedVersion::Malformed => return Err(ClientStatus::Malformed),
            ExtractedVersion::Found { version, platform } => (version, platform),
        };
        let rule = policy.rule(platform.as_deref());
        let rule = rule.ok_or(ClientStatus::UnknownPlatform)?;
        if version.len() > VersionFacts::MAX_CLIENT {
            return Err(ClientStatus::Malformed);
        }
        let client = version.parse().map_err(|_| ClientStatus::Malformed)?;
        Ok((rule, client, version))
    }

    /// Compares the version with every setting of the policy.
    #[cold]
    fn compare(
        &self,
        added: &mut AddedFields,
        policy: &CompiledPolicy<V>,
        client: Result<&Client<'_, V>, &ClientStatus>,
        head: Head<'_>,
    ) -> Result<(), Problem> {
        if is_preflight(head) || self.exempt.iter().any(|is_exempt| is_exempt(head)) {
            return Ok(());
        }
        let (rule, (status, threshold, rejects)) = match client {
            Ok((rule, client, _)) => {
                let enforces = |enforcement| policy.enforces(enforcement, head);
                (*rule, rule.evaluate(client, self.clock, enforces))
            }
            Err(status) => (&policy.default, policy.evaluate_unknown(*status)),
        };
        let is_enforced = policy.enforces(policy.settings.enforcement, head);
        let event = GateEvent {
            client: client.ok().map(|(.., text)| &**text),
            platform: rule.platform.as_deref(),
            rejected: rejects && is_enforced,
            status,
        };
        let result = match (event.rejected, rejects) {
            (true, _) => "rejected",
            (false, true) => "dry_run",
            (false, false) => "allowed",
        };
        self.count(rule, status, result);
        if status != ClientStatus::Current {
            telemetry::version_gate::log(&event, result);
            self.hook.iter().for_each(|hook| hook(&event));
        }
        let Some(threshold) = threshold.filter(|_| is_enforced) else {
            return Ok(());
        };
        if !event.rejected {
            *added = AddedFields::Update(threshold.update.clone());
            return Ok(());
        }
        let problem = problem(&event, policy, rule, threshold);
        // A 426 needs an `Upgrade`, which HTTP/2 forbids and HTTP/1.0 does not have:
        // https://www.rfc-editor.org/rfc/rfc9110#section-7.8
        // https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2
        let is_426 = problem.status() == StatusCode::UPGRADE_REQUIRED;
        let has_upgrade = is_426 && head.version == HttpVersion::HTTP_11;
        *added = AddedFields::Rejection(threshold.upgrade.clone().filter(|_| has_upgrade));
        Err(problem)
    }
}

/// The problem of a rejection. A version is echoed only if it is valid.
fn problem<V>(
    event: &GateEvent<'_>,
    policy: &CompiledPolicy<V>,
    rule: &CompiledRule<V>,
    threshold: &Threshold<V>,
) -> Problem {
    let (kind, message) = match event.status {
        ClientStatus::Missing => (Kind::VersionMalformed, "Client version is required"),
        ClientStatus::Malformed => (
            Kind::VersionMalformed,
            "Client version has an invalid format",
        ),
        ClientStatus::UnknownPlatform => {
            (Kind::VersionOutdated, "Client platform is not supported")
        }
        status => {
            let client = event.client.unwrap_or_default();
            let facts = VersionFacts::new(client, threshold.text.clone())
                .with_server(policy.server.clone())
                .with_update_url(rule.rule.update_url.clone());
            if status != ClientStatus::TooNew {
                return Problem::new(Kind::VersionOutdated).with_facts(Facts::Version(facts));
            }
            let mut facts = facts.with_maximum(threshold.text.clone());
            facts.minimum = rule.minimum.text.clone();
            return Problem::new(Kind::VersionTooNew)
                .with_facts(Facts::Version(facts))
                .with_detail("max_version", &*threshold.text);
        }
    };
    Problem::new(kind).with_message(message)
}

impl<V> Sealed for VersionGate<V> {}

impl<V: Version> Gate for VersionGate<V> {
    type State = AddedFields;
    type Pending = Never<()>;
    type Timer = ();

    fn add_field_names(&self, names: &mut FieldNames) {
        let fields = self.extractor.fields();
        fields.iter().for_each(|name| names.add(name));
    }

    #[inline(always)]
    fn decide(
        &self,
        added: &mut AddedFields,
        request: &mut RequestHead<'_>,
    ) -> Decision<Never<()>> {
        match self.admit(added, request.head()) {
            Ok(client) => {
                client.map(|client| request.extensions.insert(client));
                Decision::Admit
            }
            Err(problem) => Decision::Reject(problem),
        }
    }
}

impl<V: Version> WriteHead for VersionGate<V> {
    #[inline(always)]
    fn write_head(&self, added: &mut AddedFields, head: &mut Parts, _: Option<&mut Problem>) {
        let headers = &mut head.headers;
        match added {
            AddedFields::Nothing => return,
            AddedFields::Rejection(upgrade) => {
                // The next client may be a supported one.
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                if let Some(upgrade) = upgrade {
                    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
                    headers.insert(UPGRADE, upgrade.clone());
                }
            }
            AddedFields::Update(update) => {
                for (name, value) in &**update {
                    // A response can have other links.
                    if *name == LINK {
                        headers.append(name, value.clone());
                    } else {
                        headers.insert(name, value.clone());
                    }
                }
            }
        }
        if let Some(vary) = &self.vary {
            headers.append(VARY, vary.clone());
        }
    }
}

/// The fields that are added to a response.
#[derive(Debug, Default)]
#[expect(unnameable_types, reason = "only the driver holds it")]
pub enum AddedFields {
    /// None.
    #[default]
    Nothing,
    /// With `Upgrade`, if the response needs one.
    Rejection(Option<HeaderValue>),
    /// `X-Client-Update`, and a link.
    Update(Arc<HeaderMap>),
}

impl<V: fmt::Debug> fmt::Debug for VersionGate<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VersionGate")
            .field("policy", &self.policy)
            .field("vary", &self.vary)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
