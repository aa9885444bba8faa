//! Where limits are counted: in memory, or in a Redis that several gateways share.

use redis::RedisError;
use tower_edge::rate_limit::MemoryStore;
use tower_edge_redis::RedisStore;
use tower_edge_redis::ServerConnection;

/// One of the stores, by the flags.
pub(crate) enum Counts {
    InMemory(MemoryStore),
    InRedis(RedisStore<ServerConnection, MemoryStore>),
}

impl Counts {
    /// The server is looked for with the first request. While it is not there, each gateway counts in
    /// memory.
    ///
    /// # Errors
    ///
    /// When the URL is not one of a Redis server.
    pub(crate) fn new(server: Option<&str>) -> Result<Self, RedisError> {
        let memory = MemoryStore::new(SLOTS);
        Ok(match server {
            Some(url) => Self::InRedis(RedisStore::connect(url, memory)?),
            None => Self::InMemory(memory),
        })
    }
}

/// 17 MiB: room for half a million clients under two policies.
const SLOTS: usize = 1 << 20;
