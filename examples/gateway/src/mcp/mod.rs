//! JSON-RPC 2.0 and MCP over HTTP, as far as tools.
//!
//! It keeps no session, and needs neither `initialize` first nor an `Accept`.
//!
//! A batch of n requests costs n, and is served where one request would be, so it may overdraw the account.
//! What follows is refused until that is paid. A store keeps no debt above twice the count of a policy, so a
//! batch of 100 under 20 a second costs 40 at most, and the next is served about a second later. A longer
//! limit beside it, such as 300 a minute, is what bounds a client that sends nothing but such batches. Where
//! several gateways share a Redis server, each may serve one such batch at the same moment.

mod message;
mod methods;
mod serve;
mod tools;

pub(crate) use self::serve::serve;
