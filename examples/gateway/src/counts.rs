//! Where limits are counted: in memory, or in a Redis that several gateways share.

use redis::RedisError;
use tower_edge::rate_limit::MemoryStore;
use tower_edge_redis::{RedisStore, ServerConnection};

use crate::flags::KeySecret;

/// One of the stores, by the flags.
pub(crate) enum Counts {
    InMemory(MemoryStore),
    InRedis(RedisStore<ServerConnection, MemoryStore>),
}

impl Counts {
    /// The server is looked for from now on. While it is not there, each gateway counts in memory.
    /// Without a secret it is said once what that means.
    ///
    /// # Errors
    ///
    /// When the URL is not one of a Redis server.
    pub(crate) fn new(
        server: Option<&str>,
        secret: Option<&KeySecret>,
    ) -> Result<Self, RedisError> {
        let memory = MemoryStore::new(SLOTS);
        let Some(url) = server else {
            return Ok(Self::InMemory(memory));
        };
        let store = RedisStore::connect(url, memory)?;
        Ok(Self::InRedis(match secret {
            Some(secret) => store.with_key_secret(secret.bytes()),
            None => {
                tracing::warn!(
                    "--redis without --key-secret: who can read the names of keys on the server can \
                     find out by trying whose they are"
                );
                store
            }
        }))
    }
}

/// 17 MiB: room for half a million clients under two policies.
const SLOTS: usize = 1 << 20;
