//! The peer of the connection that a request came on, and whether its word on others is taken.

mod address;
mod trusted_proxies;

pub(crate) use self::address::address;
pub(crate) use self::trusted_proxies::TrustedProxies;
