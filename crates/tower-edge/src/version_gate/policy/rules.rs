use std::sync::Arc;

use tower_edge_core::Head;

use super::{Policy, PolicyError, RulesFor, Uncertain, UnknownPlatform, ranked};
use crate::version_gate::scheme::AnyScheme;
use crate::version_gate::{Verdict, Version};

/// A policy, with all that can be rendered before there is a request.
#[derive(Clone, Debug)]
pub(in super::super) struct Rules<V> {
    everybody: RulesFor<V>,
    platforms: Vec<(Arc<str>, RulesFor<V>)>,
    policy: Policy<V>,
    scheme: AnyScheme<V>,
}

impl<V> Rules<V> {
    /// Whether what the policy refuses is enforced for the client of this request.
    pub(in super::super) fn enforces(&self, head: Head<'_>) -> bool {
        self.policy.enforces(self.policy.enforcement, head)
    }

    pub(in super::super) const fn everybody(&self) -> &RulesFor<V> {
        &self.everybody
    }

    /// The rule for a client on this platform, and the platform's name if there is one for it alone;
    /// `None` where it is not known, and is not held to the rule for everybody.
    pub(in super::super) fn of_platform(
        &self,
        platform: Option<&str>,
    ) -> Option<(Option<&Arc<str>>, &RulesFor<V>)> {
        let Some(platform) = platform else {
            return Some((None, &self.everybody));
        };
        let known = self
            .platforms
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(platform));
        match known {
            Some((name, rule)) => Some((Some(name), rule)),
            None if self.policy.unknown == UnknownPlatform::ByDefault => {
                Some((None, &self.everybody))
            }
            None => None,
        }
    }

    pub(in super::super) const fn policy(&self) -> &Policy<V> {
        &self.policy
    }

    pub(in super::super) const fn scheme(&self) -> &AnyScheme<V> {
        &self.scheme
    }

    /// Whether clients are turned away for a verdict that no version was compared for.
    pub(in super::super) fn refuses(&self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Missing => self.policy.missing == Uncertain::Refuse,
            Verdict::Malformed => self.policy.malformed == Uncertain::Refuse,
            Verdict::UnknownPlatform => self.policy.unknown == UnknownPlatform::Refuse,
            verdict => verdict.is_against(),
        }
    }
}

impl<V: Version> Rules<V> {
    /// The rules of a policy that is known to fit together.
    pub(in super::super) fn of(policy: Policy<V>, scheme: AnyScheme<V>) -> Self {
        let rules = |rule| RulesFor::of(rule, &policy);
        let platforms = policy.platforms.iter();
        Self {
            everybody: rules(&policy.rule),
            platforms: platforms
                .map(|(name, rule)| (Arc::from(&**name), rules(rule)))
                .collect(),
            policy,
            scheme,
        }
    }

    /// The rules of any policy, its versions as the scheme ranks them.
    ///
    /// # Errors
    ///
    /// When the scheme does not know a version, or the policy does not fit together.
    pub(in super::super) fn ranked(
        policy: Policy<V>,
        scheme: AnyScheme<V>,
    ) -> Result<Self, PolicyError> {
        Ok(Self::of(ranked::policy(policy, &scheme)?, scheme))
    }
}
