use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Policy, PolicyError, Rules};
use crate::version_gate::scheme::AnyScheme;
use crate::version_gate::{FromText, Version};

/// Changes the policy of running gates.
///
/// A request that is being judged ends under the policy that it began with. Clones change the same
/// policy, and every gate that was [made with one](super::super::VersionGateLayer::by_handle) follows.
///
/// ```
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
/// use tower_edge::version_gate::{Policy, PolicyHandle, Rule, SemVer, VersionGateLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let version = |text: &str| text.parse::<SemVer>();
/// let handle = PolicyHandle::new(Policy::new(Rule::new(version("1.0.0")?)))?;
/// let service = ServiceBuilder::new().layer(VersionGateLayer::by_handle(&handle)).service(service_fn(
///     async |_: Request<()>| Ok::<_, std::convert::Infallible>(Response::new("hello")),
/// ));
/// let request = || Request::get("/").header("x-client-version", "1.1.9").body(());
/// assert_eq!(service.clone().oneshot(request()?).await?.status(), 200);
///
/// handle.replace(Policy::new(Rule::new(version("1.2.0")?)))?;
///
/// assert_eq!(service.oneshot(request()?).await?.status(), 426);
/// # Ok(())
/// # }
/// ```
pub struct PolicyHandle<V>(Arc<RwLock<Arc<Rules<V>>>>);

impl<V: FromStr + Version + 'static> PolicyHandle<V> {
    /// A handle to this policy.
    ///
    /// # Errors
    ///
    /// When the policy does not [fit together](Policy::check).
    pub fn new(policy: Policy<V>) -> Result<Self, PolicyError> {
        let rules = Rules::ranked(policy, AnyScheme::new(FromText::new()))?;
        Ok(Self(Arc::new(RwLock::new(Arc::new(rules)))))
    }
}

impl<V: Version> PolicyHandle<V> {
    /// Puts in force what becomes of the policy, which is known to fit together.
    pub(super) fn change(&self, change: impl FnOnce(Policy<V>) -> Policy<V>) {
        let mut rules = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let policy = change(rules.policy().clone());
        *rules = Arc::new(Rules::of(policy, rules.scheme().clone()));
    }

    /// Ranks the versions of the policy that is in force, and of those that will be, by this scheme.
    pub(super) fn set_scheme(&self, scheme: AnyScheme<V>) -> Result<(), PolicyError> {
        self.put(self.policy(), scheme)
    }

    /// The policy that is in force.
    #[must_use]
    pub fn policy(&self) -> Policy<V> {
        self.rules().policy().clone()
    }

    /// Puts another policy in force.
    ///
    /// # Errors
    ///
    /// When the policy does not [fit together](Policy::check), or names a version that the
    /// [scheme](super::super::VersionGateLayer::with_scheme) of the gates does not know; the one before
    /// stays in force.
    pub fn replace(&self, policy: Policy<V>) -> Result<(), PolicyError> {
        self.put(policy, self.rules().scheme().clone())
    }

    fn put(&self, policy: Policy<V>, scheme: AnyScheme<V>) -> Result<(), PolicyError> {
        let rules = Arc::new(Rules::ranked(policy, scheme)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = rules;
        Ok(())
    }
}

impl<V> PolicyHandle<V> {
    pub(in crate::version_gate) fn rules(&self) -> Arc<Rules<V>> {
        // A writer does nothing that panics while it holds the lock.
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl<V> Clone for PolicyHandle<V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<V: fmt::Debug> fmt::Debug for PolicyHandle<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolicyHandle")
            .field(self.rules().policy())
            .finish()
    }
}

/// The rules of a gate: its own, or those behind a handle.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for a gate, and what is read for each request is not to be another step away"
)]
#[derive(Clone)]
pub(in crate::version_gate) enum Current<V> {
    Fixed(Rules<V>),
    Shared(PolicyHandle<V>),
}

impl<V: Version> Current<V> {
    pub(in crate::version_gate) fn change(&mut self, change: impl FnOnce(Policy<V>) -> Policy<V>) {
        match self {
            Self::Fixed(rules) => {
                *rules = Rules::of(change(rules.policy().clone()), rules.scheme().clone());
            }
            Self::Shared(handle) => handle.change(change),
        }
    }

    pub(in crate::version_gate) fn set_scheme(
        &mut self,
        scheme: AnyScheme<V>,
    ) -> Result<(), PolicyError> {
        match self {
            Self::Fixed(rules) => *rules = Rules::ranked(rules.policy().clone(), scheme)?,
            Self::Shared(handle) => handle.set_scheme(scheme)?,
        }
        Ok(())
    }
}
