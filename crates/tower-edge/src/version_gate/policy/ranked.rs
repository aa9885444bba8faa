//! The versions of a policy, as the scheme of a gate ranks them.

use super::rule::Pending;
use super::{Policy, PolicyError, Rule, check};
use crate::version_gate::Version;
use crate::version_gate::scheme::AnyScheme;

/// The policy that the scheme makes of this one, and that fits together.
pub(super) fn policy<V: Version>(
    policy: Policy<V>,
    scheme: &AnyScheme<V>,
) -> Result<Policy<V>, PolicyError> {
    let platforms = policy.platforms.into_iter().map(|(platform, of)| {
        let ranked = rule(of, scheme).map_err(|error| error.of_platform(&platform))?;
        Ok((platform, ranked))
    });
    let policy = Policy {
        rule: rule(policy.rule, scheme)?,
        platforms: platforms.collect::<Result<_, PolicyError>>()?,
        always_served: all("always_served", &policy.always_served, scheme)?,
        ..policy
    };
    check::policy(&policy)?;
    Ok(policy)
}

fn rule<V: Version>(rule: Rule<V>, scheme: &AnyScheme<V>) -> Result<Rule<V>, PolicyError> {
    let some = |field, version: Option<V>| {
        let version = version.as_ref();
        version.map(|it| one(field, it, scheme)).transpose()
    };
    let pending = rule.pending.map(|pending| {
        let minimum = one("pending_minimum", &pending.minimum, scheme)?;
        Ok(Pending { minimum, ..pending })
    });
    let ending = rule
        .ending
        .map(|(below, ending)| Ok((some("ending_below", below)?, ending)));
    Ok(Rule {
        minimum: one("minimum", &rule.minimum, scheme)?,
        recommended: some("recommended", rule.recommended)?,
        latest: some("latest", rule.latest)?,
        maximum: some("maximum", rule.maximum)?,
        blocked: all("blocked", &rule.blocked, scheme)?,
        pending: pending.transpose()?,
        ending: ending.transpose()?,
        ..rule
    })
}

fn all<V: Version>(
    field: &'static str,
    versions: &[V],
    scheme: &AnyScheme<V>,
) -> Result<Vec<V>, PolicyError> {
    let versions = versions.iter();
    versions
        .map(|version| one(field, version, scheme))
        .collect()
}

fn one<V: Version>(
    field: &'static str,
    version: &V,
    scheme: &AnyScheme<V>,
) -> Result<V, PolicyError> {
    scheme.rank(version).ok_or_else(|| {
        let expected = "a version that the scheme of the gate knows";
        PolicyError::new(field, version, expected.into())
    })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::version_gate::{ResourceEnding, Staged, Stages};

    fn version(text: &str) -> Staged {
        text.parse().unwrap()
    }

    fn ranked(of: Policy<Staged>) -> Result<Policy<Staged>, PolicyError> {
        policy(of, &AnyScheme::new(Stages::new(["r", "a"]).unwrap()))
    }

    #[test]
    fn every_version_is_checked_in_the_order_of_the_scheme() {
        let now = SystemTime::UNIX_EPOCH;
        let late = || Rule::new(version("r.1.0-1"));
        let ending = ResourceEnding::deprecated(now).unwrap();
        let early = version("a.1.0-1");
        let fits = late()
            .with_recommended(early)
            .with_latest(early)
            .with_maximum(early)
            .with_pending_minimum(early, now)
            .with_blocked([version("a.2.0-1")])
            .with_ending_below(early, ending);

        let policy = Policy::new(fits.clone())
            .with_platform("ios", fits)
            .with_always_served(early);

        assert!(policy.check().is_err());
        assert!(ranked(policy).is_ok());
    }

    #[test]
    fn a_version_that_the_scheme_does_not_know_is_refused_by_the_name_of_its_field() {
        let now = SystemTime::UNIX_EPOCH;
        let rule = || Rule::new(version("r.1.0-1"));
        let unknown = version("b.1.0-1");
        let ending = ResourceEnding::deprecated(now).unwrap();
        for (rule, field) in [
            (Rule::new(unknown), "minimum"),
            (rule().with_recommended(unknown), "recommended"),
            (rule().with_latest(unknown), "latest"),
            (rule().with_maximum(unknown), "maximum"),
            (rule().with_blocked([unknown]), "blocked"),
            (rule().with_pending_minimum(unknown, now), "pending_minimum"),
            (rule().with_ending_below(unknown, ending), "ending_below"),
        ] {
            let alone = ranked(Policy::new(rule.clone())).unwrap_err();
            let policy = Policy::new(Rule::new(version("r.0.0-1"))).with_platform("ios", rule);
            let of_platform = ranked(policy).unwrap_err();

            assert_eq!(
                alone.to_string(),
                format!(
                    "{field} b.1.0-1 is not valid: expected a version that the scheme of the gate knows"
                )
            );
            assert_eq!(of_platform.platform(), Some("ios"), "{field}");
        }
        let own = Policy::new(rule()).with_always_served(unknown);
        assert_eq!(ranked(own).unwrap_err().field(), "always_served");
    }
}
