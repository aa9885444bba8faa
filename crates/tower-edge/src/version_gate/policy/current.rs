use super::{Policy, PolicyError, PolicyHandle, Rules};
use crate::version_gate::Version;
use crate::version_gate::scheme::AnyScheme;

/// The rules of a gate: its own, or those behind a handle.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for a gate, and what is read for each request is not to be another step away"
)]
#[derive(Clone)]
pub(in super::super) enum Current<V> {
    Fixed(Rules<V>),
    Shared(PolicyHandle<V>),
}

impl<V: Version> Current<V> {
    pub(in super::super) fn change(&mut self, change: impl FnOnce(Policy<V>) -> Policy<V>) {
        match self {
            Self::Fixed(rules) => {
                *rules = Rules::of(change(rules.policy().clone()), rules.scheme().clone());
            }
            Self::Shared(handle) => handle.change(change),
        }
    }

    pub(in super::super) fn set_scheme(&mut self, scheme: AnyScheme<V>) -> Result<(), PolicyError> {
        match self {
            Self::Fixed(rules) => *rules = Rules::ranked(rules.policy().clone(), scheme)?,
            Self::Shared(handle) => handle.set_scheme(scheme)?,
        }
        Ok(())
    }
}
