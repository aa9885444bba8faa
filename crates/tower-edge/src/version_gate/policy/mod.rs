//! Which versions are served.

mod bound;
mod check;
mod current;
mod ending;
mod enforcement;
mod error;
mod fields;
mod handle;
#[expect(
    clippy::module_inception,
    reason = "the type that the folder is about has a file of its own"
)]
mod policy;
mod ranked;
mod rule;
mod rules;
mod rules_for;
mod share_by;
mod status;
mod token;
mod unknown;

pub(super) use self::bound::Bound;
pub(super) use self::current::Current;
pub use self::ending::{EndingError, ResourceEnding};
pub use self::enforcement::{Enforcement, Percent, PercentError};
pub use self::error::PolicyError;
pub(super) use self::fields::Fields;
pub use self::handle::PolicyHandle;
pub use self::policy::Policy;
pub use self::rule::Rule;
pub(super) use self::rules::Rules;
pub(super) use self::rules_for::{RulesFor, Told};
pub use self::status::{RefusalStatus, RefusalStatusError};
pub use self::unknown::{Uncertain, UnknownPlatform};
