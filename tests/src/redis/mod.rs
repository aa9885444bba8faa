//! redis-server, on a port of its own, for as long as a test runs.

mod cluster;
mod process;
mod resp;
mod server;

#[cfg(test)]
mod tests;

pub use self::cluster::RedisCluster;
pub use self::server::RedisServer;
