use super::Policy;
use super::PolicyHandle;
use super::Rules;
use crate::version_gate::Version;

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
            Self::Fixed(rules) => *rules = Rules::of(change(rules.policy().clone())),
            Self::Shared(handle) => handle.change(change),
        }
    }
}
