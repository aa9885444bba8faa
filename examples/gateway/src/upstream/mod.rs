//! The upstream, or what stands in for it.

mod call;
mod client;
mod simulator;

pub(crate) use self::call::Call;
pub(crate) use self::client::Upstream;
