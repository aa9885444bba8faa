//! The header fields that describe to a client what is left of its quotas.
//!
//! ```
//! use tower_edge::rate_limit::headers::HeaderStyle;
//! use tower_edge::rate_limit::{ApiKey, Limit, Limits, Quota, RateLimitLayer};
//!
//! let limits = Limits::from(Limit::new(Quota::per_minute(60), ApiKey)).with_header_style(HeaderStyle::IETF);
//! let layer = RateLimitLayer::new(limits);
//! # let _ = layer;
//! ```

mod style;
mod write;

pub use self::style::{HeaderStyle, IetfDraft, XRateLimit};
pub(super) use self::write::{Description, lengthen_retry_after, policies, reset_at};
