//! Which versions are served.

mod check;
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
mod status;
mod token;

pub use self::ending::{EndingError, ResourceEnding};
pub use self::enforcement::{Uncertain, UnknownPlatform};
pub use self::error::PolicyError;
pub(super) use self::fields::Fields;
pub(super) use self::handle::Current;
pub use self::handle::PolicyHandle;
pub use self::policy::Policy;
pub use self::rule::Rule;
pub(super) use self::rules::Rules;
pub(super) use self::rules_for::{Bound, RulesFor, Told};
pub use self::status::{RefusalStatus, RefusalStatusError};
