//! What is behind the gateways fails: the Redis server that counts limits, an upstream, and the network to either.

mod exchange;
mod network;
mod proxy;
mod redis;
mod shared;

pub(crate) use self::network::upstream_fails;
pub(crate) use self::proxy::Proxy;
pub(crate) use self::redis::Redis;
pub(crate) use self::shared::{Shared, check_log};
