//! The upstream, or what stands in for it.

mod client;
mod simulator;

pub(crate) use self::client::{Call, Upstream};
