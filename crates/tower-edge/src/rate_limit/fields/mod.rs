//! The header fields that tell a client where it stands.

mod dialect;
mod ietf;
mod policy_fields;
mod retry_after;
mod x_rate_limit;

pub use self::dialect::{IetfDraft, RateLimitFields, XRateLimit};
pub(super) use self::ietf::policies;
pub(super) use self::policy_fields::{PolicyFields, Told};
pub(super) use self::retry_after::lengthen as lengthen_retry_after;
