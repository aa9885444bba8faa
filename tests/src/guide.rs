//! The Rust blocks of the guide's chapters are doctests.

#[doc = include_str!("../../docs/guide/calling-others.md")]
mod calling_others {}
#[doc = include_str!("../../docs/guide/design.md")]
mod design {}
#[doc = include_str!("../../docs/guide/grpc.md")]
mod grpc {}
#[doc = include_str!("../../docs/guide/ids.md")]
mod ids {}
#[doc = include_str!("../../docs/guide/json-rpc.md")]
mod json_rpc {}
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
