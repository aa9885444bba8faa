//! The upstream, or what stands in for it.

mod client;
mod fields;

pub(crate) use self::client::Upstream;
pub(crate) use self::fields::UpstreamFields;
