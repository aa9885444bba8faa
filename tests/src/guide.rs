//! The Rust blocks of the guide's chapters are doctests.

#[doc = include_str!("../../docs/guide/rate-limits.md")]
mod rate_limits {}
#[doc = include_str!("../../docs/guide/rate-limits-in-use.md")]
mod rate_limits_in_use {}
#[doc = include_str!("../../docs/guide/stack.md")]
mod stack {}
#[doc = include_str!("../../docs/guide/start.md")]
mod start {}
#[doc = include_str!("../../docs/guide/timeouts.md")]
mod timeouts {}
#[doc = include_str!("../../docs/guide/version-gates.md")]
mod version_gates {}
