//! Which versions are supported.

mod builder;
mod check;
mod compiled;
mod headers;
mod rollout;
mod rule;

pub use self::builder::{OnUnknown, VersionPolicyBuilder};
pub use self::check::VersionPolicyError;
pub(super) use self::check::{ensure, is_visible};
pub use self::compiled::VersionPolicy;
pub(super) use self::compiled::{CompiledPolicy, CompiledRule, Threshold};
pub use self::rule::VersionRule;
