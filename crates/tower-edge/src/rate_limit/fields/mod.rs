//! The header fields that tell a client where it stands.

mod dialect;
mod headers;

pub use self::dialect::{IetfDraft, RateLimitFields, XRateLimit};
pub(super) use self::headers::{PolicyFields, Told, lengthen_retry_after, policies};
